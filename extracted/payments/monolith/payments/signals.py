"""What the payments app does when users and orders change."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from monolith.payments.models import PaymentMethod
from monolith.users.models import User


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def forget_methods(*, instance: User, created: bool, raw: bool, **_: Any) -> None:
    """A closed account keeps no card that was never charged."""
    if not (created or raw or instance.is_active):
        PaymentMethod.objects.filter(user_id=instance.pk, payments__isnull=True).delete()
