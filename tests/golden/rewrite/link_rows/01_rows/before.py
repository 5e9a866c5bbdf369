from users.models import Profile, User


def befriend(pk, user: User, user_id, others: list[User]):
    profile = Profile.objects.get(pk=pk)
    profile.friends.add(user)
    profile.friends.add(user, user_id)
    profile.friends.remove(*others)
    profile.friends.set(others)
    profile.friends.clear()
    user = User.objects.create(name="Ada")
    user.fans.add(profile)
    profile.friends.set([profile.user, user])
    profile.friends.add(profile.user)
