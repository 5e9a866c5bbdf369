"""Names of routes and switches given on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.errors import StranglerError
from strangler.policy.validate import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


def require_names(names: Iterable[str], known: Iterable[str], kind: str) -> None:
    """Check the names given against those of the policy.

    Raises:
        StranglerError: with every unknown name and what it may mean.
    """
    choices = tuple(known)
    unknown = [name for name in names if name not in choices]
    if unknown:
        told = (f"there is no {kind} {name!r}; {did_you_mean(name, choices)}" for name in unknown)
        raise StranglerError("\n  ".join(told))
