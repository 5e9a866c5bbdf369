"""Examples and patterns made from a contract's types; nothing in them comes from anybody's data.

schema ─> example: what a request sends, the same everywhere
schema, form that was seen ─> Expected: an example with what may stand in its place
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strangler.client.pacts.forms import merged

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS: dict[str, tuple[str, str]] = {
    "decimal": ("1.00", r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"),
    "date-time": (
        "2000-01-01T00:00:00+00:00",
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$",
    ),
    "date": ("2000-01-01", r"^\d{4}-\d\d-\d\d$"),
    "time": ("00:00:00", r"^\d\d:\d\d(:\d\d(\.\d+)?)?$"),
    "duration": ("P0DT00H00M01S", r"^-?P[\dTDHMS.]+$"),
    "uuid": (
        "00000000-0000-4000-8000-000000000001",
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    ),
}
_SCALARS: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "string": "text"}
INTEGER, NUMBER, TYPE, REGEX, EXACT, EACH = "integer", "number", "type", "regex", "exact", "each"


class AnythingError(Exception):
    """A part may be anything, so nothing can be said of what holds it."""


@dataclass(frozen=True)
class Expected:
    """An example and how an answer is held against it.

    `rule` is INTEGER, NUMBER, TYPE, REGEX (then `regex` is it), EXACT, or EACH: a list of one or
    more, each like the one item in `example`. The `example` of EXACT may hold further Expected.
    """

    rule: str
    example: Any
    regex: str = ""


def example(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Return JSON content of a schema, always the same."""
    schema = _plain(schema, components)
    if "enum" in schema:
        return schema["enum"][0]
    kind = _kind(schema)
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items") or {}]
        return [example(item, components) for item in items]
    if kind == "object":
        return {
            name: example(part, components) for name, part in schema.get("properties", {}).items()
        }
    if schema.get("contentEncoding") == "base64":
        return "AA=="
    return FORMATS.get(schema.get("format", ""), (_SCALARS.get(kind, "text"),))[0]


def expected(schema: Mapping[str, Any], form: Any, components: Mapping[str, Any]) -> Expected:
    """Return what an answer of a form is held against.

    Raises:
        AnythingError: the schema, or a part that a list cannot do without, may be anything, or
            was null whenever it was seen.
    """
    schema = _plain(schema, components)
    if form is None:
        raise AnythingError
    kind = _kind(schema)
    if kind == "array":
        return _of_array(schema, form, components)
    if kind == "object":
        return _of_object(schema, form, components)
    if "enum" in schema or schema.get("format") in FORMATS:
        return _of_text(schema, components)
    if kind in {"integer", "number"}:
        return Expected(INTEGER if kind == "integer" else NUMBER, _SCALARS[kind])
    if kind in _SCALARS:
        return Expected(TYPE, example(schema, components))
    raise AnythingError


def _of_text(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Expected:
    if "enum" in schema:
        return Expected(TYPE, example(schema, components))
    return Expected(REGEX, *FORMATS[schema["format"]])


def _of_array(schema: Mapping[str, Any], form: Any, components: Mapping[str, Any]) -> Expected:
    if not isinstance(form, list) or not form:
        raise AnythingError
    if prefix := schema.get("prefixItems"):
        if len(form) != len(prefix):
            raise AnythingError
        return Expected(
            EXACT,
            [expected(part, its, components) for part, its in zip(prefix, form)],  # noqa: B905
        )
    seen = None
    for each in form:
        seen = merged(seen, each)
    return Expected(EACH, expected(schema.get("items") or {}, seen, components))


def _of_object(schema: Mapping[str, Any], form: Any, components: Mapping[str, Any]) -> Expected:
    parts = {}
    for name, part in schema.get("properties", {}).items():
        its = form.get(name) if isinstance(form, dict) else None
        plain = _plain(part, components)
        if _kind(plain) == "array" and "prefixItems" not in plain and isinstance(its, list):
            # Rows that travel with another: no state says how many there are.
            parts[name] = Expected(TYPE, [])
            continue
        try:
            parts[name] = expected(part, its, components)
        except AnythingError:
            continue  # an answer may have more than is expected of it
    if not parts:
        raise AnythingError
    return Expected(EXACT, parts)


def _plain(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema without references and without null."""
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = components[schema["$ref"].rpartition("/")[2]]
        else:
            schema = next(part for part in schema["anyOf"] if part.get("type") != "null")
    return schema


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "")
    return (
        next((kind for kind in kinds if kind != "null"), "") if isinstance(kinds, list) else kinds
    )
