"""JSON Schemas as frozen values, and every way in which one does not fit another.

    schema ─> shape_of ─> Shape ─┐
    schema ─> shape_of ─> Shape ─┴> misfits ─> what one side may give and the other cannot take

A shape is the set of its kinds, of which a value has one. `misfits` is the order of subtypes:
nothing is a misfit of itself, and what fits what fits, fits. To keep that so, a property that the
giver stops naming is a misfit even where it was optional.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import Enum
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


class Side(Enum):
    """Who is free to add: an answer may carry more than is read, a request need not say all."""

    ANSWER = "answer"
    REQUEST = "request"


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


@dataclass(frozen=True, slots=True, order=True)
class Misfit:
    """One way in which a value that is given cannot be taken.

    `rule` is one of RULES. `path` leads to it, such as "items.email"; `owner` and `attribute` name
    the component and its property that it is within, both empty outside of any.
    """

    rule: str
    path: str
    told: str
    owner: str = ""
    attribute: str = ""


RULES = ("removed", "required", "type", "nullable", "values", "limit")
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


def misfits(given: Shape, taken: Shape, side: Side) -> tuple[Misfit, ...]:
    """Return every way in which a value of `given` may be none that `taken` takes, sorted.

    Args:
        given: what one side sends.
        taken: what the other side is made for.
        side: of an ANSWER every property that is taken must be given; of a REQUEST every one
            that is given must be taken.
    """
    return tuple(sorted(set(_of_shape(given, taken, side, Misfit("", "", "")))))


def _of_shape(given: Shape, taken: Shape, side: Side, at: Misfit) -> Iterator[Misfit]:
    for kind in given.kinds:
        tried = [tuple(_of_kind(kind, other, side, at)) for other in taken.kinds]
        if any(not found for found in tried):
            continue
        if kind.type == NULL and taken.kinds:
            yield Misfit("nullable", at.path, "may be null", at.owner, at.attribute)
            continue
        alike = [
            found
            for found, other in zip(tried, taken.kinds, strict=True)
            if _is_within(kind.type, other.type)
        ]
        if alike:
            yield from min(alike, key=len)
        else:
            told = f"is {_spelled(given)} where it was {_spelled(taken)}"
            if side is Side.REQUEST:
                told = f"takes {_spelled(taken)} where it took {_spelled(given)}"
            yield Misfit("type", at.path, told, at.owner, at.attribute)
            return


def _is_within(given: str, taken: str) -> bool:
    return taken in {ANY, given} or (given, taken) == ("integer", "number")


def _of_kind(given: Kind, taken: Kind, side: Side, at: Misfit) -> Iterator[Misfit]:
    def misfit(rule: str, told: str) -> Misfit:
        return Misfit(rule, at.path, told, at.owner, at.attribute)

    if not _is_within(given.type, taken.type):
        yield misfit("type", f"{given.type} is no {taken.type}")
        return
    if taken.allowed is not None:
        extra = None if given.allowed is None else sorted(given.allowed - taken.allowed)
        if extra is None or extra:
            shown = "any value" if extra is None else ", ".join(extra)
            yield misfit("values", f"{shown} is not among {', '.join(sorted(taken.allowed))}")
    marks = dict(given.marks)
    for keyword, mark in taken.marks:
        if marks.get(keyword) != mark:
            yield misfit("type", f"{keyword} {marks.get(keyword, 'none')!r} is not {mark!r}")
    yield from (misfit("limit", told) for told in _beyond(given, taken))
    if given.type == taken.type == OBJECT:
        yield from _of_properties(given, taken, side, at)
    if given.type == taken.type == ARRAY:
        yield from _of_items(given, taken, side, at)


def _beyond(given: Kind, taken: Kind) -> Iterator[str]:
    bounds = dict(given.limits)
    for keyword, bound in taken.limits:
        its = bounds.get(keyword)
        is_within = its is not None and (its >= bound if keyword in LOWER else its <= bound)
        if not is_within:
            yield f"{keyword} is {'none' if its is None else its} against {bound}"


def _of_properties(given: Kind, taken: Kind, side: Side, at: Misfit) -> Iterator[Misfit]:
    theirs = {each.name: each for each in given.properties}
    ours = {each.name: each for each in taken.properties}
    owner = (given if side is Side.ANSWER else taken).name or taken.name or given.name

    def inside(name: str, rule: str = "", told: str = "") -> Misfit:
        path = f"{at.path}.{name}".lstrip(".")
        named = (owner, name) if owner else (at.owner, at.attribute)
        return Misfit(rule, path, told, *named)

    for name in theirs.keys() & ours.keys():
        if ours[name].is_required and not theirs[name].is_required:
            told = "may be left out" if side is Side.ANSWER else "must be given"
            yield inside(name, "removed" if side is Side.ANSWER else "required", told)
        yield from _of_shape(theirs[name].shape, ours[name].shape, side, inside(name))
    missing, told = ours.keys() - theirs.keys(), "is given no more"
    if side is Side.REQUEST:
        yield from (
            inside(name, "required", "must be given") for name in missing if ours[name].is_required
        )
        missing, told = theirs.keys() - ours.keys(), "is taken no more"
    yield from (inside(name, "removed", told) for name in missing)


def _of_items(given: Kind, taken: Kind, side: Side, at: Misfit) -> Iterator[Misfit]:
    length = max(len(given.prefix), len(taken.prefix))
    for number in range(length):
        path = f"{at.path}.{number}".lstrip(".")
        place = Misfit("", path, "", at.owner, at.attribute)
        yield from _of_shape(_item(given, number), _item(taken, number), side, place)
    path = f"{at.path}.items".lstrip(".")
    rest = Misfit("", path, "", at.owner, at.attribute)
    yield from _of_shape(_item(given, length), _item(taken, length), side, rest)


def _item(kind: Kind, number: int) -> Shape:
    return kind.prefix[number] if number < len(kind.prefix) else kind.items or EVERYTHING


def _spelled(shape: Shape) -> str:
    names = [
        kind.name or " ".join([dict(kind.marks).get("format", ""), kind.type]).strip()
        for kind in shape.kinds
    ]
    return " or ".join(dict.fromkeys(names)) or "nothing"
