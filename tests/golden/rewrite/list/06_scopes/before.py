from users.models import User


def scopes(name, pks):
    for user in User.active.named(name):
        print(user.email)
    some = list(User.active.named(name="Ada").filter(pk__in=[1, 2]).order_by("email")[:3])
    return [user.name for user in some]


def refused(name):
    list(User.active.filter(pk=1).named(name))
    list(User.active.of(name=name))
    list(User.active.named(lambda: name))
    list(User.objects.filter(pk=3).named("x"))
