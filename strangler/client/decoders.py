"""From JSON content to annotated types: one function for each type, made once.

annotation ─> only (without None) ─> scalar, value, TypedDict, list, tuple, dict, enum ─> decoder
"""

from __future__ import annotations

from base64 import b64decode
from collections import abc
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_type_hints
from uuid import UUID

from django.utils.dateparse import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    Decoder = Callable[[Any], Any]

_LISTS: dict[Any, Any] = {
    **dict.fromkeys((list, abc.Iterable, abc.Collection, abc.Sequence), list),
    **dict.fromkeys((set, abc.Set), set),
    frozenset: frozenset,
}
_JSON_NAMES: dict[type[Any], str] = {dict: "an object", list: "a list", str: "text"}


@lru_cache(maxsize=None)  # noqa: UP033 - cache() came with Python 3.9
def decoder(kind: Any) -> Decoder:
    """Return the function that makes the annotated type out of JSON content.

    Raises:
        TypeError: when the type cannot travel.
    """
    kind = only(kind)
    if kind in {Any, object}:
        return _as_it_is
    make = SCALARS.get(kind) or _structure(kind)
    return lambda content: None if content is None else make(content)


def _structure(kind: Any) -> Decoder:
    origin = getattr(kind, "__origin__", None) or kind
    inner = tuple(part for part in getattr(kind, "__args__", ()) if not isinstance(part, TypeVar))
    if isinstance(kind, type) and is_dataclass(kind):
        return _object(kind, lambda: [field.name for field in fields(kind)], kind)
    if hasattr(kind, "__total__"):
        return _object(kind, lambda: list(get_type_hints(kind)), dict)
    if origin is tuple:
        return _tuple(inner)
    if origin is dict:
        key, item = (decoder(part) for part in (inner or (Any, Any)))
        return lambda content: {
            key(name): item(entry) for name, entry in _must_be(dict, content).items()
        }
    if origin in _LISTS:
        make, item = _LISTS[origin], decoder(inner[0] if inner else Any)
        return lambda content: make(item(entry) for entry in _must_be(list, content))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    raise TypeError(
        f"{kind!r} cannot travel; annotate with a value class, a TypedDict, List, Tuple, Dict, "
        f"Optional, Any, {', '.join(sorted(scalar.__name__ for scalar in SCALARS))}"
    )


def _object(kind: Any, names: Callable[[], list[str]], make: Callable[..., Any]) -> Decoder:
    parts: list[tuple[str, Decoder]] = []

    def build(content: Any) -> Any:
        if not parts:  # not before: a type may refer to itself
            hints = get_type_hints(kind)
            parts.extend([(name, decoder(hints[name])) for name in names()])
        _must_be(dict, content)
        try:
            return make(**{name: part(content[name]) for name, part in parts})
        except KeyError:
            missing = [name for name, _ in parts if name not in content]
            raise ValueError(f"{kind.__name__} lacks {', '.join(missing)}") from None

    return build


def _tuple(inner: tuple[Any, ...]) -> Decoder:
    if not inner or inner[-1] is Ellipsis:
        item = decoder(inner[0] if inner else Any)
        return lambda content: tuple(item(entry) for entry in _must_be(list, content))
    items = [decoder(part) for part in inner]

    def build(content: Any) -> Any:
        if len(_must_be(list, content)) != len(items):
            raise ValueError(f"must be {len(items)} items, got {len(content)}")
        return tuple(item(entry) for item, entry in zip(items, content))  # noqa: B905 - Python 3.10

    return build


def only(kind: Any) -> Any:
    """Return the one type that an annotation allows beside None; Any where there are several."""
    if kind in {None, type(None)}:
        return Any
    if getattr(kind, "__origin__", None) is Union or type(kind).__name__ == "UnionType":
        kinds = [part for part in kind.__args__ if part is not type(None)]
        return kinds[0] if len(kinds) == 1 else Any
    return kind


def _must_be(kind: type[Any], content: Any) -> Any:
    if not isinstance(content, kind):
        raise ValueError(f"must be {_JSON_NAMES[kind]}, got {_short(content)}")  # noqa: TRY004 - one error for all content
    return content


def _as_it_is(content: Any) -> Any:
    return content


def _scalar(name: str, parse: Callable[[Any], Any]) -> Decoder:
    def build(content: Any) -> Any:
        try:
            made = parse(content)
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            made = None
        if made is None:
            raise ValueError(f"must be {name}, got {_short(content)}")
        return made

    return build


def _short(content: Any) -> str:
    text = repr(content)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004


def _integer(content: Any) -> int | None:
    number = None if isinstance(content, bool) else int(content)
    return None if isinstance(content, float) and number != content else number


def _float(content: Any) -> float | None:
    return None if isinstance(content, bool) else float(content)


def _boolean(content: Any) -> bool | None:
    return content if isinstance(content, bool) else {"true": True, "false": False}.get(content)


def _date_time(content: str) -> datetime:
    return datetime.fromisoformat(content.replace("Z", "+00:00"))


SCALARS: dict[Any, Decoder] = {
    str: lambda content: _must_be(str, content),
    int: _scalar("a whole number", _integer),
    float: _scalar("a number", _float),
    bool: _scalar("true or false", _boolean),
    Decimal: _scalar("a decimal number", lambda text: Decimal(str(text))),
    datetime: _scalar("a date and time", _date_time),
    date: _scalar("a date", date.fromisoformat),
    time: _scalar("a time", time.fromisoformat),
    timedelta: _scalar("a duration", parse_duration),
    UUID: _scalar("a UUID", UUID),
    bytes: _scalar("base64", lambda text: b64decode(text, validate=True)),
}
