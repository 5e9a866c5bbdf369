"""Loyalty points given for an order, and taken when it is cancelled, each once."""

from django.db.models import F
from django.db.models.functions import Greatest

from monolith.users.models import Profile
from strangler.client.idempotency import effects


def loyalty_give(*, key: str, user_id: int, points: int) -> None:
    """Give a customer points under a key, once."""

    def give() -> None:
        Profile.objects.filter(user_id=user_id).update(loyalty_points=F("loyalty_points") + points)

    effects.once(f"loyalty-{key}", give)


def loyalty_take(*, key: str, user_id: int, points: int) -> None:
    """Take points from a customer under a key, once, or as many as there are."""

    def take() -> None:
        left = Greatest(F("loyalty_points") - points, 0)
        Profile.objects.filter(user_id=user_id).update(loyalty_points=left)

    effects.once(f"loyalty-taken-{key}", take)
