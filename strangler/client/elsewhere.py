"""What stands for a name of another service's code that did not come along.

    PublicUserSerializer = class_elsewhere("shop.users.public.PublicUserSerializer")

A service that was lifted out before all its blockers were resolved starts, and answers what does
not need them. Where one is reached, `ElsewhereError` says what is missing, and in which
module. It stands in annotations, as a base class, and in what modules and classes declare, without
a word.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class ElsewhereError(RuntimeError):
    """Code was reached that needs what only another service has."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} belongs to another service and is not here. Ask that service through its"
            " client, or give it what is needed; `codemods extract` lists the places."
        )


def _is_declaring(frame: FrameType) -> bool:
    """Tell whether code is the body of a module or a class, which runs as it is imported."""
    return frame.f_code.co_name == "<module>" or "__qualname__" in frame.f_locals


class _Meta(type):
    """Tells of every use of a class that is not here, but for being named."""

    strangler_name = ""
    strangler_value: type[Any] | None = None

    def __instancecheck__(cls, instance: object) -> bool:
        value = cls.strangler_value
        return isinstance(instance, value) if value else super().__instancecheck__(instance)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if cls.strangler_value is not None and hasattr(cls.strangler_value, name):
            return getattr(cls.strangler_value, name)
        if _is_declaring(sys._getframe(1)):  # noqa: SLF001 - who asks makes the difference
            return class_elsewhere(f"{cls.strangler_name}.{name}")
        raise ElsewhereError(f"{cls.strangler_name}.{name}")

    def __iter__(cls) -> Iterator[Any]:
        if _is_declaring(sys._getframe(1)):  # noqa: SLF001
            return iter(())
        raise ElsewhereError(cls.strangler_name)

    def __call__(cls, *_args: Any, **_kwargs: Any) -> Any:
        if _is_declaring(sys._getframe(1)):  # noqa: SLF001
            return super().__call__()
        raise ElsewhereError(f"{cls.strangler_name}()")


def class_elsewhere(name: str, value: type[Any] | None = None) -> type[Any]:
    """Return a class that stands for "shop.users.models.User".

    With the class of its client's values it is that where a type is all that is needed: for
    `isinstance`, for `User.DoesNotExist`, and for what else that class has.
    """
    module, _, short = name.rpartition(".")
    found = _Meta(short, (), {"__module__": module, "__doc__": f"Stands for {name}, not here."})
    found.strangler_name, found.strangler_value = name, value
    return found


def function_elsewhere(name: str) -> Callable[..., Any]:
    """Return a function that stands for "shop.users.services.user_create": it always raises."""

    def absent(*_args: Any, **_kwargs: Any) -> Any:
        raise ElsewhereError(f"{name}()")

    absent.__module__, _, absent.__name__ = name.rpartition(".")
    absent.__qualname__, absent.__doc__ = absent.__name__, f"Stands for {name}, not here."
    return absent
