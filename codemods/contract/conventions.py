"""The one shape of interface that all services share, held against a document.

    document ─> departures ─> Departure (where, what is not as agreed)

What is agreed, and why, is written in docs/contracts.md; each rule here has its paragraph there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.contract.compat_offer import JSON_TYPE, METHODS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

PATH = re.compile(r"^/v[1-9][0-9]*/[a-z][a-z0-9_]*$")
NAME = re.compile(r"^[a-z_][a-z0-9_]*$")
FORMATS = frozenset(
    {"date-time", "date", "time", "duration", "uuid", "decimal", "email", "uri", "ipv4", "ipv6"}
)
ERROR_REF = "#/components/schemas/Error"
MAX_BATCH = 10_000
WINDOW = ("offset", "limit")


@dataclass(frozen=True, slots=True, order=True)
class Departure:
    """One thing that is not as agreed: where in the document, and what is expected there."""

    where: str
    told: str


def departures(document: Mapping[str, Any]) -> tuple[Departure, ...]:
    """Return everything in a document that is not as agreed, sorted; none in generated ones."""
    return tuple(sorted({Departure(where, told) for where, told in _departures(document)}))


def _departures(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not str(document.get("openapi", "")).startswith("3.1"):
        yield "openapi", f"is {document.get('openapi')!r}, 3.1 is agreed"
    major = str(document.get("info", {}).get("version", "")).partition(".")[0]
    components = document.get("components", {})
    yield from _of_error(components.get("schemas", {}).get("Error"))
    for name, schema in components.get("schemas", {}).items():
        yield from _of_schema(schema, f"components.schemas.{name}")
    for path, entry in document.get("paths", {}).items():
        if not PATH.match(path):
            yield path, "is not /v<number>/<operation> in small letters, digits and _"
        elif path.split("/")[1] != f"v{major}":
            yield path, f"is not below /v{major}/, the major part of info.version"
        for method in METHODS:
            if method in entry:
                yield from _of_operation(document, path, method, entry[method])


def _of_error(schema: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    where = "components.schemas.Error"
    if schema is None:
        yield where, "is missing: every error has the one body"
        return
    inner = schema.get("properties", {}).get("error", {})
    for name in ("code", "message"):
        if inner.get("properties", {}).get(name, {}).get("type") != "string":
            yield where, f"has no text error.{name}"
        if name not in inner.get("required", ()):
            yield where, f"does not require error.{name}"
    if "error" not in schema.get("required", ()):
        yield where, "does not require error"


def _of_operation(
    document: Mapping[str, Any], path: str, method: str, entry: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    where = f"{method} {path}"
    if method not in {"get", "post"}:
        yield where, "reads go by GET, or POST where an argument does not fit a query; writes, POST"
    if entry.get("operationId") != path.rpartition("/")[2]:
        yield where, f"operationId {entry.get('operationId')!r} is not the path's last part"
    if not (entry.get("security") or document.get("security")):
        yield where, "lets anybody in: name a security scheme"
    arguments = dict(_arguments(document, entry))
    for name, schema in arguments.items():
        if not NAME.match(name):
            yield f"{where} {name}", "is no name in small letters, digits and _"
        yield from _of_schema(schema, f"{where} {name}")
        if schema.get("type") == "array" and "maxItems" not in schema:
            yield f"{where} {name}", "is a list without maxItems: a batch has a known limit"
    yield from _of_window(where, arguments)
    yield from _of_answers(document, where, entry)


def _arguments(
    document: Mapping[str, Any], entry: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for parameter in entry.get("parameters", ()):
        each = _resolved(document, parameter)
        yield each["name"], each.get("schema", {})
    content = _resolved(document, entry.get("requestBody", {})).get("content", {})
    body = _resolved(document, content.get(JSON_TYPE, {}).get("schema", {}))
    yield from body.get("properties", {}).items()


def _of_window(where: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = [name for name in WINDOW if name in arguments]
    if given and len(given) < len(WINDOW):
        yield where, "takes only one of offset and limit: pages take both"
    for name in given:
        schema = arguments[name]
        if "integer" not in schema.get("type", "") or schema.get("minimum") != 0:
            yield f"{where} {name}", "is no whole number from 0"


def _of_answers(
    document: Mapping[str, Any], where: str, entry: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    answers = {
        status: _resolved(document, answer) for status, answer in entry.get("responses", {}).items()
    }
    for status, answer in answers.items():
        schema = answer.get("content", {}).get(JSON_TYPE, {}).get("schema")
        if schema is None:
            yield f"{where} {status}", f"has no body of {JSON_TYPE}"
        elif status != "200" and schema != {"$ref": ERROR_REF}:
            yield f"{where} {status}", "has not the one body of errors"
        elif status == "200":
            yield from _of_schema(schema, f"{where} {status}")
            yield from _of_rows(where, schema, answers)
    for status in ("200", "400", "401", "default"):
        if status not in answers:
            yield where, f"does not say what {status} answers"


def _of_rows(
    where: str, schema: Mapping[str, Any], answers: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Rows are given whole or refused: an answer of many says how many at most."""
    if schema.get("type") != "array" or "prefixItems" in schema:
        return
    if "maxItems" not in schema:
        yield f"{where} 200", "gives rows without maxItems: say how many at most"
    if "422" not in answers:
        yield where, "does not say that too many rows are refused (422), never cut short"


def _of_schema(schema: Any, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, dict):
        return
    form = schema.get("format")
    if form is not None and form not in FORMATS:
        yield where, f"format {form!r} is none of {', '.join(sorted(FORMATS))}"
    for name, part in schema.get("properties", {}).items():
        yield from _of_schema(part, f"{where}.{name}")
    for word in ("items", "not"):
        yield from _of_schema(schema.get(word), f"{where}.{word}")
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for number, part in enumerate(schema.get(word, ())):
            yield from _of_schema(part, f"{where}.{word}.{number}")


def _resolved(document: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    ref = found.get("$ref")
    part: Any = document
    for name in ref.removeprefix("#/").split("/") if ref else ():
        part = part.get(name, {})
    return part if ref else found
