"""Refuses to write a copied table: its owner does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from strangler.client.replicas.loosen import is_copy

if TYPE_CHECKING:
    from collections.abc import Callable


class ReplicaWriteError(RuntimeError):
    """The ORM was about to change, or to lock, a row that is a copy of another service's."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} is a copy here, to read: a change would be lost with the next row that comes"
            " from its owner. Call an operation of the owner's client."
        )


class ReplicaRouter:
    """Stands in DATABASE_ROUTERS; says nothing of where models live.

    Where `may_write` answers true, asked with the model and Django's hint, a copy is written: for
    tests that make rows of their owners.
    """

    may_write: ClassVar[Callable[[Any, Any], bool]] = staticmethod(lambda _, __: False)

    def db_for_write(self, model: Any, **hints: Any) -> None:
        """Raise for a copied model; leave every other to the next router.

        Django also asks when a related object is set on an instance that has no database yet, with
        the same arguments: that writes nothing.

        Raises:
            ReplicaWriteError: the model is one of STRANGLER_REPLICAS, or links rows of one.
        """
        if not is_copy(model) or type(self).may_write(model, hints.get("instance")):
            return
        asks = sys._getframe(2)  # noqa: SLF001 - beyond Django's own router
        if asks.f_code.co_name != "__set__":
            raise ReplicaWriteError(model._meta.label)
