from django.shortcuts import get_object_or_404, redirect
from users.models import Address, Profile, User


def _found(pk):
    profile = get_object_or_404(Profile, pk=pk)
    if not profile.user_id:
        return None, False
    return profile, True


def last_of_it(pk, form):
    profile, _is_known = _found(pk)

    # what was asked for
    profile.phone = form.cleaned_data["phone"]
    profile.points = profile.points + 1
    profile.save()
    return redirect("profile", pk)


def in_part(pk):
    address = Address.objects.get(pk=pk)
    if address.is_default:
        address.city, address.is_default = "Rome", False
        address.save(update_fields=["city", "is_default"])
    return address.pk


def read_anew(pk, boss: User):
    user = User.objects.filter(pk=pk).first()
    if user is None:
        return None
    user.boss = boss
    user.name = "Ada"
    user.save()
    return user.greeting(), user.name, user.boss_id


def after_a_method(pk):
    user = User.objects.get(pk=pk)
    user.deactivate()
    user.name = "Bo"
    user.save(update_fields=("name",))


def by_what_others_own(order_pk, pk):
    user = User.objects.get(pk=pk)
    user.boss = User.objects.get(pk=order_pk)
    user.save()
