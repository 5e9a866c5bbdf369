"""JSON Schemas as frozen values, as OpenAPI 3.0 and 3.1 write them.

schema ─> shape_of ─> Shape: the set of its kinds, of which a value has one
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANY, NULL, OBJECT, ARRAY = "any", "null", "object", "array"
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "multipleOf", "uniqueItems", "contentEncoding", "format")
_IMPLIED = (
    ("properties", OBJECT),
    ("required", OBJECT),
    ("items", ARRAY),
    ("prefixItems", ARRAY),
)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object."""

    name: str
    shape: Shape
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: its JSON type and what else holds of it.

    `allowed` are the only values, each as JSON text; None when there is no such list. `limits` are
    (keyword, bound), `marks` (keyword, text) of keywords that must be equal. `prefix` are an
    array's first items, `items` all after them. `name` is the component that it was written as.
    """

    type: str
    allowed: frozenset[str] | None = None
    limits: tuple[tuple[str, float], ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    properties: tuple[Property, ...] = ()
    prefix: tuple[Shape, ...] = ()
    items: Shape | None = None
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """The kinds that a value may be of; no kind at all when there can be no value."""

    kinds: tuple[Kind, ...]


EVERYTHING = Shape((Kind(ANY),))


def shape_of(schema: Any, components: Mapping[str, Any], within: tuple[str, ...] = ()) -> Shape:
    """Return the shape of a JSON Schema as OpenAPI 3.0 and 3.1 write it.

    Args:
        schema: the schema; True, or none, is any value, False is none.
        components: the schemas that "#/components/schemas/NAME" refers to.
        within: names being read; one that leads round in a circle fits only itself.

    Raises:
        ValueError: a reference leads nowhere.
    """
    if schema is None or isinstance(schema, bool):
        return Shape(()) if schema is False else EVERYTHING
    if "$ref" in schema:
        return _referred(schema["$ref"], components, within)
    if parts := schema.get("allOf"):
        return shape_of(_joined(schema, parts, components), components, within)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            rest = {key: part for key, part in schema.items() if key != word}
            each = [shape_of(_under(part, rest), components, within) for part in schema[word]]
            return Shape(tuple(kind for shape in each for kind in shape.kinds))
    return Shape(tuple(_kinds(schema, components, within)))


def _referred(ref: str, components: Mapping[str, Any], within: tuple[str, ...]) -> Shape:
    name = ref.rpartition("/")[2]
    if name in within:
        return Shape((Kind(f"another {name}", name=name),))
    if name not in components:
        raise ValueError(f"{ref}: refers to nothing in the document")
    found = shape_of(components[name], components, (*within, name))
    return Shape(
        tuple(
            replace(kind, name=kind.name or name) if kind.type == OBJECT else kind
            for kind in found.kinds
        )
    )


def _under(part: Any, rest: Mapping[str, Any]) -> Any:
    """Return one alternative with the keywords that stand beside the list of them."""
    if "$ref" in part or not isinstance(part, dict):
        return part
    return {**rest, **part}


def _joined(schema: Mapping[str, Any], parts: list[Any], components: Mapping[str, Any]) -> Any:
    joined: dict[str, Any] = {key: part for key, part in schema.items() if key != "allOf"}
    for part in parts:
        seen: set[str] = set()
        while isinstance(part, dict) and "$ref" in part and part["$ref"] not in seen:
            seen.add(part["$ref"])
            part = components.get(part["$ref"].rpartition("/")[2], {})  # noqa: PLW2901
        joined = {
            **joined,
            **part,
            "properties": {**joined.get("properties", {}), **part.get("properties", {})},
            "required": [*joined.get("required", ()), *part.get("required", ())],
        }
    return joined


def _kinds(
    schema: Mapping[str, Any], components: Mapping[str, Any], within: tuple[str, ...]
) -> Iterator[Kind]:
    types = schema.get("type") or next((t for key, t in _IMPLIED if schema.get(key)), ANY)
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    allowed = None if listed is None else frozenset(json.dumps(each) for each in listed)
    for type_ in types if isinstance(types, list) else [types]:
        if type_ == NULL:
            yield Kind(NULL)
            continue
        is_array, is_object = type_ == ARRAY, type_ == OBJECT
        yield Kind(
            type_,
            None if allowed is None else allowed - {"null"},
            tuple((key, schema[key]) for key in (*LOWER, *UPPER) if _is_number(schema.get(key))),
            tuple((key, str(schema[key])) for key in EXACT if schema.get(key)),
            _properties(schema, components, within) if is_object else (),
            tuple(shape_of(each, components, within) for each in schema.get("prefixItems", ()))
            if is_array
            else (),
            shape_of(schema.get("items"), components, within) if is_array else None,
        )
    if schema.get("nullable") is True or (allowed and "null" in allowed and NULL not in types):
        yield Kind(NULL)


def _is_number(bound: Any) -> bool:
    return isinstance(bound, int | float) and not isinstance(bound, bool)


def _properties(
    schema: Mapping[str, Any], components: Mapping[str, Any], within: tuple[str, ...]
) -> tuple[Property, ...]:
    required = frozenset(schema.get("required", ()))
    return tuple(
        Property(name, shape_of(part, components, within), name in required)
        for name, part in sorted(schema.get("properties", {}).items())
    )
