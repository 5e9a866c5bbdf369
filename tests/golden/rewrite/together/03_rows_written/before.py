from users.models import Address, Profile, User


def join(user: User, pks):
    profile = Profile(user=user)
    profile.phone = "1"
    profile.save()
    friends = []
    for pk in pks:
        friends.append(User.objects.get(pk=pk))
    profile.friends.set(friends)
    profile.friends.add(*User.objects.filter(boss=user))


def leave(pk):
    profile = Profile.objects.get(pk=pk)
    profile.friends.clear()
    profile.delete()


def rename(pk, name):
    user = User.objects.get(pk=pk)
    user.name = name
    user.save()
    return user.greeting()
