"""A contract as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), and back.

The document is whole: `load` gives the very contract that `render` was given. Keys are sorted, so
equal contracts are equal files.
"""

from __future__ import annotations

import json

from codemods.contract.document import INT64, PARTS, Json, document
from codemods.contract.operations import (
    Choice,
    Column,
    Constant,
    Consumer,
    Contract,
    Failure,
    Member,
    Operation,
    Parameter,
    Reader,
    Related,
    ValueType,
)
from codemods.contract.types import from_schema
from codemods.errors import CodemodsError


def render(contract: Contract) -> str:
    """Return the document as JSON text."""
    return json.dumps(document(contract), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def load(text: str, path: str = "the contract") -> Contract:
    """Return the contract that a document holds.

    Raises:
        CodemodsError: the text is no such document; names `path` and what is wrong.
    """
    try:
        return _contract(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CodemodsError(
            f"{path}: not a contract that `codemods rewrite` wrote ({type(error).__name__}:"
            f" {error}). Restore it from version control, or delete it to begin anew."
        ) from error


def _contract(raw: Json) -> Contract:
    operations, consumers = [], []
    for methods in raw["paths"].values():
        for entry in methods.values():
            operations.append(_load_operation(entry))
            consumers += [Consumer(entry["operationId"], **told) for told in entry["x-consumers"]]
    values = [
        _load_value(name, entry)
        for name, entry in raw["components"]["schemas"].items()
        if "x-value" in entry
    ]
    readers = [
        Reader(entry["x-value"]["model"], attribute, **told)
        for entry in raw["components"]["schemas"].values()
        for attribute, places in entry.get("x-readers", {}).items()
        for told in places
    ]
    return Contract(
        raw["info"]["title"],
        tuple(sorted(values)),
        tuple(sorted(operations, key=lambda each: each.name)),
        tuple(sorted(consumers)),
        tuple(sorted(readers)),
        tuple(
            Failure(name, each["origin"], tuple(each["bases"]), each.get("about", ""))
            for name, each in sorted(raw.get("x-failures", {}).items())
        ),
    )


def _load_operation(entry: Json) -> Operation:
    shape = dict(entry["x-operation"])
    schemas = {each["name"]: each["schema"] for each in entry.get("parameters", ())}
    if body := entry.get("requestBody"):
        schemas |= body["content"]["application/json"]["schema"]["properties"]
    for part in PARTS:
        shape[part] = tuple(
            Parameter(each["name"], each["lookup"], *from_schema(_unbounded(schemas[each["name"]])))
            for each in shape.get(part, ())
        )
    row = tuple(Column(**each) for each in shape.pop("row", ()))
    return Operation(
        **shape
        | {"name": entry["operationId"]}
        | {name: tuple(shape.get(name, ())) for name in ("order_by", "scopes", "raises")},
        row=row,
        columns=tuple(each.name for each in row),
    )


def _unbounded(found: Json) -> Json:
    """Return a schema without bounds: a type says them by itself."""
    bare = {key: part for key, part in found.items() if key not in INT64}
    return bare | {"items": _unbounded(bare["items"])} if "items" in bare else bare


def _load_value(name: str, entry: Json) -> ValueType:
    own = dict(entry["x-value"])

    def column(its: str) -> Column:
        type_, _, nullable = from_schema(entry["properties"][its])
        return Column(its, type_, nullable)

    return ValueType(
        **own
        | {
            "name": name,
            "columns": tuple(column(its) for its in own["columns"]),
            "related": tuple(Related(**each) for each in own["related"]),
            "members": tuple(Member(**each) for each in own["members"]),
            "loads": tuple(own["loads"]),
            "constants": tuple(_load_constant(each) for each in own.get("constants", ())),
        }
    )


def _load_constant(entry: Json) -> Constant:
    value = entry.get("value")
    return Constant(
        entry["name"],
        entry.get("kind", ""),
        tuple(Choice(**each) for each in entry.get("members", ())),
        tuple(value) if isinstance(value, list) else value,
    )


def consumers_of(contract: Contract, operation: str) -> tuple[Consumer, ...]:
    """Return who calls an operation, sorted."""
    return tuple(each for each in contract.consumers if each.operation == operation)
