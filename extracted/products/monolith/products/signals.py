"""Signal receivers of the products app: every product has a stock row."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from monolith.products.models import Product, Stock


@receiver(post_save, sender=Product, dispatch_uid="products.create_stock")
def create_stock(*, instance: Product, created: bool, raw: bool = False, **_: Any) -> None:
    """Give a freshly created product an empty stock; fixtures bring their own."""
    if created and not raw:
        Stock.objects.get_or_create(product=instance)
