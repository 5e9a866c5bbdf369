"""What the orders app does when users and products change."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from monolith.clients import users_client
from monolith.orders.letters import mail_fans
from monolith.orders.models import Cart, CartLine
from monolith.products.models import Stock
from monolith.users.models import User


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def give_cart(*, instance: User, created: bool, raw: bool, **_: Any) -> None:
    """Every user has a cart from the first moment."""
    if created and not raw:
        Cart.objects.get_or_create(user=instance)


@receiver(post_save, sender=Stock)
def cap_carts(*, instance: Stock, raw: bool, **_: Any) -> None:
    """No cart asks for more than there is; fans hear when there is some again."""
    if raw:
        return
    lines = CartLine.objects.filter(product_id=instance.product_id)
    if instance.available:
        lines.filter(quantity__gt=instance.available).update(quantity=instance.available)
        if users_client.has_profiles_by_favourite_products(favourite_products=instance.product_id):
            transaction.on_commit(partial(mail_fans.delay, instance.product_id))
