from django.db import transaction
from django.db.models import F
from users.models import Address, Profile, User


def rename(user: User, name: str):
    changed = User.objects.filter(pk=user.pk).update(name=name, boss=user)
    return changed or Profile.objects.filter(id=3).update(points=0)


def refused(pk, city):
    Profile.objects.filter(pk=pk).update(points=F("points") + 1)
    Address.objects.filter(city=city).update(is_default=False)
    Address.objects.filter(pk=pk).delete()
    with transaction.atomic():
        Address.objects.filter(pk=pk).update(is_default=False)
