"""What the log notes by itself: new users, and stock counted by hand."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from monolith.audit.services import record
from monolith.products.models import Stock


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def note_registration(*, instance: Any, created: bool, raw: bool, **_: Any) -> None:
    if created and not raw:
        record(actor=instance, verb="user.registered", target=instance, email=instance.email)


@receiver(post_save, sender=Stock)
def note_stock(*, instance: Stock, raw: bool, **_: Any) -> None:
    if not raw:
        record(
            actor=None,
            verb="stock.counted",
            target=instance.product,
            sku=instance.product.sku,
            quantity=instance.quantity,
        )
