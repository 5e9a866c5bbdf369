from django.db import transaction
from shop.models import Order
from users.models import Address, Profile, Receipt, User


def given(profile: Profile):
    profile.phone = "1"
    profile.save()


def in_a_transaction(pk):
    with transaction.atomic():
        profile = Profile.objects.get(pk=pk)
        profile.phone = "1"
        profile.save()


def of_each():
    for address in Address.objects.all():
        address.city = "Rome"
        address.save()


def in_branches(pk, phone):
    profile = Profile.objects.get(pk=pk)
    if phone:
        profile.phone = phone
    profile.points = 0
    profile.save()


def changed_by_a_method(pk):
    user = User.objects.get(pk=pk)
    user.deactivate()
    user.name = "Bo"
    user.save()


def with_more(pk):
    profile = Profile.objects.get(pk=pk)
    profile.phone = "1"
    profile.save(update_fields=["phone", "points"])
    profile.points = 2
    profile.save(force_update=True)


def no_column(pk):
    profile = Profile.objects.get(pk=pk)
    profile.note = "x"
    profile.save()


def what_was_set(pk):
    profile = Profile.objects.get(pk=pk)
    profile.points = 1
    profile.phone = str(profile.points)
    profile.save()


def kept(pk, rows):
    profile = Profile.objects.get(pk=pk)
    rows["profile"] = profile
    profile.points = 1
    profile.save()


def needed_as_a_row(pk, order: Order):
    user = User.objects.get(pk=pk)
    user.name = "Ada"
    user.save()
    user.set_password("x")


def relation_of(order: Order):
    user = order.user
    user.name = "Ada"
    user.save()


def with_its_key(user: User):
    profile = Profile(pk=1, user=user)
    profile.save()


def not_there_yet(user: User):
    address = Address(user=user)
    address.city = str(address)
    address.save()


def a_comment(pk):
    profile = Profile.objects.get(pk=pk)
    profile.points = 1
    # and tell
    profile.phone = "1"
    profile.save()
