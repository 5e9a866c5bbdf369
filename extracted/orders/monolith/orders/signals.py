"""What the orders app does when users and products change or sign in."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from monolith.clients import users_client
from monolith.orders.letters import mail_fans
from monolith.orders.models import Cart, CartLine
from monolith.orders.services import CART_KEY, cart_merge
from monolith.products.models import Stock
from monolith.users.models import User


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def give_cart(*, instance: User, created: bool, raw: bool, **_: Any) -> None:
    """Every user has a cart from the first moment."""
    if created and not raw:
        Cart.objects.get_or_create(user=instance)


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def forget_addresses(*, instance: User, created: bool, raw: bool, **_: Any) -> None:
    """A closed account keeps no address that nothing was sent to."""
    if not (created or raw or instance.is_active):
        instance.addresses.filter(orders__isnull=True).delete()


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


@receiver(user_logged_in)
def merge_cart(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """What was put in the cart before signing in moves to the user's own."""
    session = getattr(request, "session", None)
    if session is not None and (key := session.pop(CART_KEY, None)):
        cart_merge(user=user, session_key=key)
