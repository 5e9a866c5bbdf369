from clients import users_client
from users.models import User


def scopes(name, pks):
    for user in users_client.list_users_among_named_given_name_through_active(name=name):
        print(user.email)
    some = users_client.list_users_among_named_given_name_by_ids_ordered_by_email_xd3ed0c61(
        name="Ada", ids=[1, 2], limit=3
    )
    return [user.name for user in some]


def refused(name):
    list(User.active.filter(pk=1).named(name))
    list(User.active.of(name=name))
    list(User.active.named(lambda: name))
    list(User.objects.filter(pk=3).named("x"))
