"""Loyalty points given for an order, once."""

from django.db.models import F

from monolith.users.models import Profile
from strangler.client.idempotency import effects


def loyalty_give(*, key: str, user_id: int, points: int) -> None:
    """Give a customer points under a key, once."""

    def give() -> None:
        Profile.objects.filter(user_id=user_id).update(loyalty_points=F("loyalty_points") + points)

    effects.once(f"loyalty-{key}", give)
