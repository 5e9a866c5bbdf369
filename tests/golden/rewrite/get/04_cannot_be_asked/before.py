from django.db.models import F, Q
from users.models import Profile, User


def dynamic(**kwargs):
    return User.objects.get(**kwargs).name


def either(a, b):
    return User.objects.get(Q(name=a) | Q(name=b)).name


def joined(pk):
    return User.objects.get(orders__pk=pk).name


def computed():
    return User.objects.get(name=F("email")).name


def locked(pk):
    return User.objects.select_for_update().get(pk=pk).name


async def awaited(pk):
    return (await User.objects.aget(pk=pk)).name


def uncertain(someone):
    return Profile.objects.get(user=someone).phone
