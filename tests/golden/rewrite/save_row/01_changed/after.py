from clients import users_client
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
    users_client.save_profile_setting_phone_and_points(
        id=profile.pk, phone=form.cleaned_data["phone"], points=profile.points + 1
    )
    return redirect("profile", pk)


def in_part(pk):
    address = Address.objects.get(pk=pk)
    if address.is_default:
        users_client.save_address_only_setting_city_and_is_default(
            id=address.pk, city="Rome", is_default=False
        )
    return address.pk


def read_anew(pk, boss: User):
    user = User.objects.filter(pk=pk).first()
    if user is None:
        return None
    user = users_client.save_user_setting_boss_id_and_name(
        id=user.pk, boss_id=boss.pk, name="Ada"
    )
    return user.greeting(), user.name, user.boss_id


def after_a_method(pk):
    user = User.objects.get(pk=pk)
    user.deactivate()
    users_client.save_user_only_setting_name(id=user.pk, name="Bo")


def by_what_others_own(order_pk, pk):
    user = User.objects.get(pk=pk)
    users_client.save_user_setting_boss_id(
        id=user.pk, boss_id=User.objects.get(pk=order_pk).pk
    )
