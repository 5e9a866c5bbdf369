"""The values of a contract as JSON: encoded by what they are, decoded by what is annotated.

    Decimal "12.50"   datetime "2026-01-31T09:00:00+00:00"   date, time ISO 8601   UUID, str text
    timedelta "P1DT02H00M00S"   bytes base64   value and TypedDict object   list and tuple array
    Any: whatever JSON gives back

None goes for everything. Annotations must be ones that `typing.get_type_hints` resolves on the
Python at hand; generated code spells them for Python 3.8 (`List[int]`, `Optional[str]`).
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_type_hints
from urllib.parse import urlencode
from uuid import UUID

from django.utils.duration import duration_iso_string
from django.utils.functional import Promise

from strangler.client.decoders import SCALARS, decoder, only

if TYPE_CHECKING:
    from collections.abc import Callable

_names: dict[type[Any], tuple[str, ...] | None] = {}


def dumps(content: Any) -> str:
    """Return JSON. Floats that JSON has no number for become text, which decodes to them again.

    Raises:
        TypeError: when something in it cannot travel, such as an ORM instance.
    """
    try:
        return json.dumps(content, default=_encode, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):  # keys that are not text, or a float that is no number
        return json.dumps(_plain(content), allow_nan=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """Return what the JSON holds. Raises ValueError when it is none."""
    return json.loads(text)


def decode(kind: Any, content: Any) -> Any:
    """Return JSON content as the annotated type.

    Raises:
        ValueError: when the content does not fit.
        TypeError: when the type cannot travel.
    """
    return decoder(kind)(content)


def query(arguments: dict[str, Any], annotations: dict[str, Any]) -> str | None:
    """Return arguments as a query string; None when one is no scalar, or not annotated as one."""
    texts: dict[str, str] = {}
    for name, value in arguments.items():
        kind = only(annotations.get(name))
        if value is None or kind not in SCALARS or kind is bytes:
            return None
        plain = _plain(value)
        if isinstance(plain, (list, dict)):
            return None
        texts[name] = str(plain).lower() if isinstance(plain, bool) else str(plain)
    try:
        return urlencode(texts)
    except UnicodeEncodeError:
        return None


@lru_cache(maxsize=None)  # noqa: UP033 - cache() came with Python 3.9
def signature(module: str, operation: str) -> dict[str, Any]:
    """Return an operation's annotations, evaluated: arguments by name, the result as "return".

    Raises:
        ImportError, AttributeError, NameError: when there is no such thing to evaluate.
    """
    return get_type_hints(getattr(import_module(module), operation))


_ENCODERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, lambda found: found.value),
    ((Decimal, UUID, Promise), str),
    ((datetime, date, time), lambda found: found.isoformat()),
    (timedelta, duration_iso_string),
    ((bytes, bytearray, memoryview), lambda found: b64encode(found).decode()),
    ((set, frozenset), list),
)


def _encode(found: Any) -> Any:
    """Return what JSON knows in place of what it does not."""
    names = _field_names(type(found))
    if names is not None:
        return {name: getattr(found, name) for name in names}
    for kinds, encode in _ENCODERS:
        if isinstance(found, kinds):
            return encode(found)
    raise TypeError(
        f"{type(found).__name__} cannot travel: pass its key, or what the contract says instead"
    )


def _field_names(kind: type[Any]) -> tuple[str, ...] | None:
    if kind not in _names:
        _names[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
    return _names[kind]


def _plain(found: Any) -> Any:
    """Return the same with JSON's own types only, floats that are no numbers as text."""
    if isinstance(found, Enum):
        return _plain(found.value)
    if isinstance(found, float) and not math.isfinite(found):
        return str(found)
    if found is None or isinstance(found, (str, int, float)):
        return found
    if isinstance(found, dict):
        return {str(_plain(name)): _plain(entry) for name, entry in found.items()}
    if isinstance(found, (list, tuple)):
        return [_plain(entry) for entry in found]
    return _plain(_encode(found))
