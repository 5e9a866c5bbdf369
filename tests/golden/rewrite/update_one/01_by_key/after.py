from clients import users_client
from django.db import transaction
from django.db.models import F
from users.models import Address, Profile, User


def rename(user: User, name: str):
    changed = users_client.update_user_by_id_setting_boss_id_and_name(
        id=user.pk, name=name, boss_id=user.pk
    )
    return changed or users_client.update_profile_by_id_setting_points(id=3, points=0)


def refused(pk, city):
    Profile.objects.filter(pk=pk).update(points=F("points") + 1)
    Address.objects.filter(city=city).update(is_default=False)
    Address.objects.filter(pk=pk).delete()
    with transaction.atomic():
        Address.objects.filter(pk=pk).update(is_default=False)
