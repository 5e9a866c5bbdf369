"""An owner's own errors, raised again at its callers as the client's classes of the same names.

owner raises ─> told: name, text, arguments, what it holds ─> JSON ─> raised_again ─> caller
in process   ─> as_own: the very error, of a class that is the client's and the owner's

What an error holds travels where it is plain: numbers, texts, decimals, dates, UUIDs, and lists and
dicts of such; the rest is left out. Where the owner's class is loaded here too, what is raised is
of that class as well, so a handler that names it goes on catching.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.utils.duration import duration_iso_string

from strangler.client.decoders import SCALARS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.client.service import Service

CODE, STATUS = "raised", 409
_TEXT = "_strangler_text"
_TYPE, _HELD = "type", "value"
_TAGGED: tuple[type[Any], ...] = (Decimal, UUID, datetime, date, time)
_BY_NAME = {kind.__name__: kind for kind in (*_TAGGED, timedelta)}
_combined: dict[tuple[type[Any], type[Any]], type[Any]] = {}


class Raised(Exception):  # noqa: N818 - named for what it is; generated classes have their own
    """What a generated class of errors stands on; `origin` is the dotted name of the owner's."""

    strangler_origin: ClassVar[str] = ""

    def __init_subclass__(cls, *, origin: str = "", **rest: Any) -> None:
        """Take the dotted name of the owner's class."""
        super().__init_subclass__(**rest)
        cls.strangler_origin = origin or cls.strangler_origin

    def __str__(self) -> str:
        text = self.__dict__.get(_TEXT)
        return super().__str__() if text is None else str(text)


def told(error: BaseException, raises: Mapping[str, type[BaseException]]) -> dict[str, Any] | None:
    """Return what tells an error that a provider's RAISES names; None of any other."""
    names = {kind: name for name, kind in raises.items()}
    for kind in type(error).__mro__:
        if kind in names:
            return {
                "code": CODE,
                "message": str(error),
                "raised": names[kind],
                "arguments": [_plain_or_text(each) for each in error.args],
                "holds": _held(error, kind),
            }
    return None


def raised_again(service: Service, content: dict[str, Any]) -> BaseException | None:
    """Return the error that a content tells; None where this client has no class of that name."""
    kind = service.errors.get(str(content.get("raised")))
    if kind is None:
        return None
    made = _made(_with_origin(kind), [_read(each) for each in content.get("arguments", ())])
    made.__dict__.update({name: _read(each) for name, each in content.get("holds", {}).items()})
    made.__dict__[_TEXT] = content.get("message", "")
    return made


def as_own(service: Service, error: BaseException) -> BaseException | None:
    """Return an owner's error as one of the client's class too; None where there is none."""
    for origin in type(error).__mro__:
        kind = service.errors_by_origin.get(f"{origin.__module__}.{origin.__qualname__}")
        if kind is not None:
            both = _both(kind, type(error))
            if isinstance(error, kind) or both is None:
                return None
            made = _made(both, error.args)
            made.__dict__.update(error.__dict__)
            return made
    return None


def _made(kind: type[Any], arguments: Any) -> BaseException:
    """Return an error without running its constructor, which may ask for other arguments."""
    made: BaseException = kind.__new__(kind, *arguments)
    made.args = tuple(arguments)
    return made


def _with_origin(kind: type[Any]) -> type[Any]:
    """Return a class that is the owner's too, where that has been loaded here."""
    module, _, name = kind.strangler_origin.rpartition(".")
    origin = getattr(sys.modules.get(module), name, None)
    return (_both(kind, origin) if isinstance(origin, type) else None) or kind


def _both(kind: type[Any], origin: type[Any]) -> type[Any] | None:
    if (kind, origin) not in _combined:
        naming = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
        try:
            _combined[kind, origin] = type(kind.__name__, (kind, origin), naming)
        except TypeError:  # their bases stand in no one order
            return None
    return _combined[kind, origin]


def _held(error: BaseException, kind: type[Any]) -> dict[str, Any]:
    """Return what an error holds and its class declares, as far as it is plain."""
    declared = {
        name: value
        for name, value in vars(kind).items()
        if not name.startswith("_") and isinstance(value, (str, int, float, Decimal))
    }
    found = {}
    for name, value in {**declared, **vars(error)}.items():
        try:
            found[name] = _plain(value)
        except TypeError:
            continue
    return found


def _plain_or_text(value: Any) -> Any:
    try:
        return _plain(value)
    except TypeError:
        return str(value)


def _plain(value: Any) -> Any:
    """Return JSON that `_read` makes the same thing of. Raises TypeError when nothing does."""
    if type(value) in {str, int, float, bool, type(None)}:
        return value
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return {_TYPE: kind, _HELD: [_plain(each) for each in value]}
    if isinstance(value, dict) and all(type(name) is str for name in value):
        return {_TYPE: "dict", _HELD: {name: _plain(each) for name, each in value.items()}}
    if isinstance(value, str) and hasattr(value, "code"):  # REST framework's ErrorDetail
        return {_TYPE: "detail", _HELD: [str(value), str(value.code)]}
    if type(value) is timedelta:
        return {_TYPE: "timedelta", _HELD: duration_iso_string(value)}
    if type(value) in _TAGGED:
        text = str(value) if isinstance(value, (Decimal, UUID)) else value.isoformat()
        return {_TYPE: type(value).__name__, _HELD: text}
    raise TypeError(f"{type(value).__name__} does not travel in an error")


def _read(content: Any) -> Any:
    if not isinstance(content, dict):
        return content
    kind: Any = content.get(_TYPE)
    held: Any = content.get(_HELD)
    if kind == "dict":
        return {name: _read(each) for name, each in held.items()}
    if kind in {"list", "tuple"}:
        return (list if kind == "list" else tuple)(_read(each) for each in held)
    if kind == "detail":
        from rest_framework.exceptions import ErrorDetail  # noqa: PLC0415 - only where it is used

        return ErrorDetail(*held)
    return SCALARS[_BY_NAME[str(kind)]](held)
