from django.db import transaction
from users.models import Address, Profile, User


def given(profile: Profile):
    profile.delete()


def counted(pk):
    profile = Profile.objects.get(pk=pk)
    return profile.delete()


def in_a_transaction(pk):
    with transaction.atomic():
        profile = Profile.objects.get(pk=pk)
        profile.delete()


def used_again(pk):
    profile = Profile.objects.get(pk=pk)
    profile.delete()
    return profile.phone


def others_hang_on_it(pk):
    user = User.objects.get(pk=pk)
    user.delete()
    address = Address.objects.get(pk=pk)
    address.delete()


def each_of_them():
    for profile in Profile.objects.all():
        profile.delete()
