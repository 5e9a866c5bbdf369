from clients import users_client
from users.models import Profile, User


def befriend(pk, user: User, user_id, others: list[User]):
    profile = Profile.objects.get(pk=pk)
    users_client.add_profile_friends(id=profile.pk, ids=[user.pk])
    users_client.add_profile_friends(id=profile.pk, ids=[user.pk, user_id])
    users_client.remove_profile_friends(id=profile.pk, ids=[each.pk for each in others])
    users_client.set_profile_friends(id=profile.pk, ids=[each.pk for each in others])
    users_client.clear_profile_friends(id=profile.pk)
    user = User.objects.create(name="Ada")
    user.fans.add(profile)
    users_client.set_profile_friends(id=profile.pk, ids=[profile.user.pk, user.pk])
    users_client.add_profile_friends(id=profile.pk, ids=[profile.user_id])
