from clients import users_client
from users.models import Address, User


def join(user: User, pks):
    profile = users_client.create_profile_with_phone_and_user_id(
        user_id=user.pk, phone="1"
    )
    friends = []
    for pk in pks:
        friends.append(users_client.get_user(id=pk))
    users_client.set_profile_friends(id=profile.pk, ids=[each.pk for each in friends])
    users_client.add_profile_friends(
        id=profile.pk,
        ids=[each.pk for each in users_client.list_users_by_boss_id(boss_id=user.pk)],
    )


def leave(pk):
    profile = users_client.get_profile(id=pk)
    users_client.clear_profile_friends(id=profile.pk)
    users_client.delete_profile(id=profile.pk)


def rename(pk, name):
    user = users_client.get_user(id=pk)
    user = users_client.save_user_setting_name(id=user.pk, name=name)
    return user.greeting()
