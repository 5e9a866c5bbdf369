"""Rows of provider states that model-bakery cannot make by itself: others make them on the side."""

from __future__ import annotations

from typing import Any

from model_bakery import baker

from monolith.users.models import Profile, User


def profile(**columns: Any) -> Profile:
    """Return the profile that comes with a new user, with these columns."""
    made: Profile = baker.make(User, _fill_optional=True).profile
    Profile.objects.filter(pk=made.pk).update(**columns)
    return made
