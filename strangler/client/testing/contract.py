"""What a fake reads of a contract: the kind of each operation, and what each value carries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Parameter:
    """An argument: `name` as callers spell it, `lookup` as the ORM does, such as "email__in"."""

    name: str
    lookup: str


@dataclass(frozen=True)
class Operation:
    """One operation, as `x-operation` of the contract has it.

    `columns` are what "values" and "ids" give of each row.
    """

    name: str
    model: str
    verb: str
    filters: tuple[Parameter, ...] = ()
    exclude: tuple[Parameter, ...] = ()
    writes: tuple[Parameter, ...] = ()
    given: tuple[Parameter, ...] = ()
    order_by: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    manager: str = ""
    member: str = ""
    is_distinct: bool = False
    is_limited: bool = False
    is_flat: bool = False
    is_mapping: bool = False
    is_write: bool = False
    is_property: bool = False


@dataclass(frozen=True)
class Related:
    """A relation that values have; `key` is the id column, or the other model's field.

    One that `is_many` leads to a list of values, always carried.
    """

    name: str
    model: str
    nullable: bool = False
    key: str = ""
    is_carried: bool = True
    is_foreign: bool = False
    is_reverse: bool = False
    is_many: bool = False

    @property
    def field(self) -> str:
        """Return the field of the value that holds what is at the other end."""
        return "_" + self.name if self.is_reverse or self.is_many else self.name

    @property
    def is_nested(self) -> bool:
        """Tell whether the other row's value travels with this one."""
        return self.is_carried and not self.is_foreign


@dataclass(frozen=True)
class Member:
    """A property or method of the model; a carried one is in the value's `field`."""

    name: str
    is_method: bool
    is_carried: bool
    nullable: bool = False
    operation: str = ""

    @property
    def field(self) -> str:
        """Return the field of the value that holds it."""
        return "_" + self.name if self.is_method or self.operation else self.name


@dataclass(frozen=True)
class Shape:
    """What the value of a model carries; `columns` tells by name whether it may be None."""

    model: str
    pk: str
    columns: Mapping[str, bool]
    related: tuple[Related, ...]
    members: tuple[Member, ...]
    has_text: bool


@dataclass(frozen=True)
class Contract:
    """All that a service offers, by the operation's name and the model's label."""

    service: str
    operations: Mapping[str, Operation]
    shapes: Mapping[str, Shape]


def load(path: Path) -> Contract:
    """Read a contract.

    Raises:
        ValueError: there is none, or it is none that `codemods rewrite` writes; says what to do.
    """
    try:
        return read(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(
            f"{path} cannot be read ({error.strerror}): a fake is made of the service's contract, "
            "which `codemods rewrite` writes; copy it from the project that has it"
        ) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{path} is no contract that `codemods rewrite` wrote ({type(error).__name__}: {error})"
        ) from error


def read(document: Mapping[str, Any]) -> Contract:
    """Return the contract that an OpenAPI document holds."""
    operations = (
        _operation(entry)
        for methods in document["paths"].values()
        for entry in methods.values()
        if "x-operation" in entry
    )
    schemas = document["components"]["schemas"].values()
    shapes = (_shape(entry) for entry in schemas if "x-value" in entry)
    return Contract(
        document["info"]["title"],
        {each.name: each for each in operations},
        {each.model: each for each in shapes},
    )


def _operation(entry: Mapping[str, Any]) -> Operation:
    shape = entry["x-operation"]
    lists: Any = {
        part: tuple(Parameter(each["name"], each["lookup"]) for each in shape.get(part, ()))
        for part in ("filters", "exclude", "writes", "given")
    }
    names = ("is_distinct", "is_limited", "is_flat", "is_mapping", "is_write", "is_property")
    flags: Any = {name: shape.get(name, False) for name in names}
    return Operation(
        name=entry["operationId"],
        model=shape["model"],
        verb=shape["verb"],
        order_by=tuple(shape.get("order_by", ())),
        scopes=tuple(shape.get("scopes", ())),
        columns=tuple(column["name"] for column in shape.get("row", ())),
        manager=shape.get("manager", ""),
        member=shape.get("member", ""),
        **lists,
        **flags,
    )


def _shape(entry: Mapping[str, Any]) -> Shape:
    own = entry["x-value"]
    return Shape(
        own["model"],
        own["pk"],
        {name: _is_nullable(entry["properties"][name]) for name in own["columns"]},
        tuple(Related(**_known(Related, each)) for each in own["related"]),
        tuple(Member(**_known(Member, each)) for each in own["members"]),
        own["has_text"],
    )


def _known(kind: Any, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: it for name, it in entry.items() if name in kind.__dataclass_fields__}


def _is_nullable(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ())
    return not schema or "null" in ([kinds] if isinstance(kinds, str) else kinds)
