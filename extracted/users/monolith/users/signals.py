"""Signal receivers of the users app: a profile comes with an account, addresses go with it."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from monolith.users.models import Profile, User


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="users.create_profile")
def create_profile(*, instance: User, created: bool, raw: bool = False, **_: Any) -> None:
    """Give a freshly created user an empty profile; fixtures bring their own."""
    if created and not raw:
        Profile.objects.get_or_create(user=instance)


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="users.forget_addresses")
def forget_addresses(*, instance: User, created: bool, raw: bool = False, **_: Any) -> None:
    """A closed account keeps no address that nothing was sent to."""
    if not (created or raw or instance.is_active):
        instance.addresses.filter(orders__isnull=True).delete()
