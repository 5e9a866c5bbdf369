"""What a contract promises, read from its document: any OpenAPI 3.0 or 3.1, not only our own.

document (JSON-ready) ─> offer_of ─> Offer (frozen: calls, their shapes, who uses what)

Where an argument travels is told apart from what it is: arguments in the query, the path and a
JSON body are the properties of one request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codemods.contract.compat_shapes import OBJECT, Kind, Property, Shape, shape_of
from codemods.errors import CodemodsError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON_TYPE = "application/json"
BODY = "body"


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A place outside the service that calls an operation, or reads an attribute of a value.

    `function` is where in the file, such as "Order.user"; empty when only the file is known.
    """

    context: str
    path: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back with one status, and which error codes it may carry."""

    status: str
    shape: Shape | None
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """One operation as callers see it.

    `places` are (argument, "query" or another place). `methods` are those it answers besides the
    one that the document describes.
    """

    name: str
    method: str
    path: str
    request: Shape
    places: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    uses: tuple[Use, ...] = ()
    methods: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """All calls of a service by name, sorted; `readers` are (component, property, uses)."""

    service: str
    calls: tuple[Call, ...]
    readers: tuple[tuple[str, str, tuple[Use, ...]], ...] = ()


def offer_of(document: Any, path: str = "the contract") -> Offer:
    """Return what a document promises.

    Raises:
        CodemodsError: it is no OpenAPI document; names `path` and what is wrong.
    """
    try:
        return _offer(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CodemodsError(
            f"{path}: not an OpenAPI 3 document that can be compared ({type(error).__name__}:"
            f" {error}). Check it with openapi-spec-validator."
        ) from error


def _offer(document: Mapping[str, Any]) -> Offer:
    if not str(document["openapi"]).startswith("3."):
        raise ValueError(f"openapi is {document['openapi']!r}, only 3.0 and 3.1 are known")
    calls = [
        _call(document, path, method, {"parameters": entry.get("parameters", ())}, entry[method])
        for path, entry in document["paths"].items()
        for method in METHODS
        if method in entry
    ]
    names = [call.name for call in calls]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"several operations are called {', '.join(twice)}")
    readers = [
        (name, attribute, tuple(sorted(Use(**told) for told in uses)))
        for name, schema in document.get("components", {}).get("schemas", {}).items()
        for attribute, uses in schema.get("x-readers", {}).items()
    ]
    return Offer(
        document["info"]["title"],
        tuple(sorted(calls, key=lambda call: call.name)),
        tuple(sorted(readers)),
    )


def _call(
    document: Mapping[str, Any],
    path: str,
    method: str,
    shared: Mapping[str, Any],
    entry: Mapping[str, Any],
) -> Call:
    schemas = document.get("components", {}).get("schemas", {})
    properties, places = [], []
    for raw in (*shared["parameters"], *entry.get("parameters", ())):
        each = _referred(document, raw)
        shape = shape_of(each.get("schema"), schemas)
        properties.append(Property(each["name"], shape, each.get("required", False)))
        places.append((each["name"], each["in"]))
    body = _referred(document, entry.get("requestBody") or {})
    if content := body.get("content"):
        shape = shape_of(_json_schema(content), schemas)
        whole = Property(BODY, shape, body.get("required", False))
        kind = shape.kinds[0] if len(shape.kinds) == 1 else None
        parts = kind.properties if kind and kind.type == OBJECT else (whole,)
        properties += parts
        places += [(each.name, BODY) for each in parts]
    return Call(
        entry.get("operationId") or f"{method} {path}",
        method,
        path,
        Shape((Kind(OBJECT, properties=tuple(sorted(properties, key=lambda its: its.name))),)),
        tuple(sorted(places)),
        tuple(
            _answer(str(status), _referred(document, answer), schemas)
            for status, answer in sorted(entry["responses"].items())
        ),
        tuple(sorted(Use(**told) for told in entry.get("x-consumers", ()))),
        frozenset(entry.get("x-methods", ())),
    )


def _answer(status: str, answer: Mapping[str, Any], schemas: Mapping[str, Any]) -> Answer:
    content = answer.get("content")
    shape = shape_of(_json_schema(content), schemas) if content else None
    return Answer(status, shape, frozenset(answer.get("x-codes", ())))


def _json_schema(content: Mapping[str, Any]) -> Any:
    chosen = content.get(JSON_TYPE) or next(iter(content.values()))
    return chosen.get("schema")


def _referred(document: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    ref = found.get("$ref")
    if not ref:
        return found
    part: Any = document
    for name in ref.removeprefix("#/").split("/"):
        part = part[name.replace("~1", "/").replace("~0", "~")]
    if not isinstance(part, Mapping):
        raise TypeError(f"{ref} is no object")
    return part
