from users.models import Profile, User


def lock(user: User, points):
    profiles = Profile.objects.filter(pk=3, points=points)
    taken = profiles.update(points=points + 1)
    Profile.objects.filter(user=user).update(points=0)
    Profile.objects.exclude(pk=3).update(points=0)
    return taken
