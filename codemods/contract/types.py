"""The types that travel between a service and its callers, and which model fields hold them.

Each has a Python annotation, what must be imported for it, and a JSON Schema (draft 2020-12, which
is that of OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0#schema-object). The schemas differ
pairwise, so that a document can be read back. `any` is JSON as it is; `dict[str, int]` and its like
are objects of any names, whose parts are all of one scalar type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codemods.project.graph import Field, Graph


@dataclass(frozen=True, slots=True)
class WireType:
    """One type: as Python writes it, and as JSON carries it. `fields` are Django's own classes."""

    annotation: str
    schema: dict[str, Any]
    fields: tuple[str, ...]
    imports: tuple[str, str] | None = None


def _text(**keywords: str) -> dict[str, Any]:
    return {"type": "string", **keywords}


TYPES: dict[str, WireType] = {
    "int": WireType(
        "int",
        {"type": "integer"},
        (
            "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField",
            "SmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField",
            "PositiveSmallIntegerField",
        ),
    ),
    "str": WireType(
        "str",
        _text(),
        (
            "CharField", "TextField", "SlugField", "FilePathField", "GenericIPAddressField",
            "IPAddressField",
        ),
    ),
    "bool": WireType("bool", {"type": "boolean"}, ("BooleanField", "NullBooleanField")),
    "float": WireType("float", {"type": "number"}, ("FloatField",)),
    "Decimal": WireType(
        "Decimal", _text(format="decimal"), ("DecimalField",), ("decimal", "Decimal")
    ),
    "datetime": WireType(
        "datetime.datetime", _text(format="date-time"), ("DateTimeField",), ("datetime", "")
    ),
    "date": WireType("datetime.date", _text(format="date"), ("DateField",), ("datetime", "")),
    "time": WireType("datetime.time", _text(format="time"), ("TimeField",), ("datetime", "")),
    "timedelta": WireType(
        "datetime.timedelta", _text(format="duration"), ("DurationField",), ("datetime", "")
    ),
    "UUID": WireType("UUID", _text(format="uuid"), ("UUIDField",), ("uuid", "UUID")),
    "bytes": WireType("bytes", _text(contentEncoding="base64"), ("BinaryField",)),
    "any": WireType("Any", {}, ("JSONField", "FileField"), ("typing", "Any")),
}  # fmt: skip

DICT_OF = {name: f"dict[str, {name}]" for name in ("int", "str", "bool", "float")}
TYPES.update(
    {
        DICT_OF[name]: WireType(
            f"Dict[str, {TYPES[name].annotation}]",
            {"type": "object", "additionalProperties": TYPES[name].schema},
            (),
        )
        for name in DICT_OF
    }
)
RELATIONS = ("ForeignKey", "OneToOneField")
TEXT_LOOKUPS = frozenset(
    {
        "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact",
        "regex", "iregex",
    }
)  # fmt: skip
LOOKUPS = TEXT_LOOKUPS | {"exact", "in", "gt", "gte", "lt", "lte", "isnull", "range"}
_TRANSFORMS = {
    "date": "date", "time": "time", "year": "int", "iso_year": "int", "month": "int", "day": "int",
    "week": "int", "week_day": "int", "iso_week_day": "int", "quarter": "int", "hour": "int",
    "minute": "int", "second": "int",
}  # fmt: skip
_BY_FIELD = {name: type_ for type_, wire in TYPES.items() for name in wire.fields}
_MAX_HOPS = 8


def type_of_field(graph: Graph, field: Field) -> str:
    """Return the type of a field's value; of a relation, to one or many, that of its keys.

    A field with code of its own for its values is "any".
    """
    for _ in range(_MAX_HOPS):
        target = graph.models.get(field.target or "")
        if target is None or target.pk is None:
            break
        field = target.fields[field.to_field or target.pk]
    return _BY_FIELD.get(field.internal_type or "", "any")


def field_named(graph: Graph, label: str, name: str) -> Field | None:
    """Return a model's field by its name, the name of its id column, or "pk"."""
    model = graph.models.get(label)
    if model is None:
        return None
    if name == "pk":
        name = model.pk or ""
    return model.fields.get(name) or model.attnames.get(name)


def split_lookup(lookup: str) -> tuple[str, str]:
    """Return a lookup's path and its operator: ("email", "iexact"); no operator is "exact"."""
    path, _, last = lookup.rpartition("__")
    return (path, last) if path and last in LOOKUPS else (lookup, "exact")


def type_of_lookup(graph: Graph, label: str, lookup: str) -> tuple[str, bool] | None:
    """Return the type of what a lookup is compared with, and whether it is a list of such.

    None when the path leads nowhere that the graph knows.
    """
    path, operator = split_lookup(lookup)
    type_ = type_of_path(graph, label, path)
    if type_ is None:
        return None
    if operator == "isnull":
        return "bool", False
    if operator in TEXT_LOOKUPS:
        return "str", False
    return type_, operator in {"in", "range"}


def type_of_path(graph: Graph, label: str, path: str) -> str | None:
    """Return the type that a path through relations and transforms ends at; None if unknown."""
    found = followed(graph, label, path)
    return found[0] if found else None


def followed(graph: Graph, label: str, path: str) -> tuple[str, bool] | None:
    """Return the type that a path ends at and whether it may be None there; None if unknown."""
    type_, is_nullable = "", False
    for part in path.split("__"):
        field = field_named(graph, label, part)
        model = graph.models.get(label)
        if field is not None and not field.generic:
            is_nullable |= field.null or field.many
            type_, label = type_of_field(graph, field), field.target or ""
        elif model is not None and part in model.query_names:
            label, is_nullable = model.query_names[part].model, True
            type_ = type_of_path(graph, label, "pk") or "any"
        elif type_ and part in _TRANSFORMS:
            type_, label = _TRANSFORMS[part], ""
        else:
            return None
    return type_, is_nullable


def annotation(type_: str, *, many: bool = False, nullable: bool = False) -> str:
    """Return how Python 3.8 writes a type."""
    text = TYPES[type_].annotation
    if many:
        text = f"List[{text}]"
    return f"Optional[{text}]" if nullable and text != "Any" else text


def schema(type_: str, *, many: bool = False, nullable: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a type."""
    found = dict(TYPES[type_].schema)
    if many:
        found = {"type": "array", "items": found}
    if nullable and "type" in found:
        found["type"] = [found["type"], "null"]
    elif nullable:
        found["x-nullable"] = True
    return found


def from_schema(found: dict[str, Any]) -> tuple[str, bool, bool]:
    """Return (type, many, nullable) of a schema that `schema` made.

    Raises:
        ValueError: no type has this schema.
    """
    bare = {key: part for key, part in found.items() if not key.startswith("x-")}
    nullable = "x-nullable" in found
    if isinstance(bare.get("type"), list):
        nullable = True
        bare["type"] = next(part for part in bare["type"] if part != "null")
    many = bare.get("type") == "array"
    if many:
        bare = bare.get("items", {})
    for type_, wire in TYPES.items():
        if wire.schema == bare:
            return type_, many, nullable
    raise ValueError(f"schema {found!r}: not that of a known type ({', '.join(TYPES)})")
