"""How generated Python spells types, and what it must import for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.contract import layout
from codemods.contract.operations import (
    ASK,
    CALL,
    LINKS,
    MEMBER,
    NOTHING,
    ROW,
    WRITES,
    Operation,
    Parameter,
)
from codemods.contract.types import TYPES, annotation

if TYPE_CHECKING:
    from collections.abc import Iterable

_RESULTS = {
    "count": "int", "update": "int", "exists": "bool", "list": "List[{value}]",
    "get_by_ids": "List[{value}]", "first": "Optional[{value}]", "last": "Optional[{value}]",
    "delete": "int", "get_or_create": "Tuple[{value}, bool]",
    "update_or_create": "Tuple[{value}, bool]",
    **dict.fromkeys(("delete_row", *LINKS), "None"),
}  # fmt: skip
_TYPING = (
    "Any",
    "Callable",
    "ClassVar",
    "Dict",
    "Iterable",
    "List",
    "Optional",
    "Tuple",
    "TypedDict",
)


def of_parameter(each: Parameter, *, is_caller: bool) -> str:
    """Return a parameter's annotation; callers may pass any iterable for a list."""
    text = annotation(each.type, many=each.many, nullable=each.nullable)
    return text.replace("List[", "Iterable[") if is_caller else text


def of_result(operation: Operation, value: str, row: str) -> str:
    """Return the annotation of what an operation gives.

    `value` is how the value class is spelt there, `row` the class of a row that is a dict.
    """
    verb = operation.verb
    if verb == CALL:
        return _of_call(operation, value)
    if verb == ASK and operation.returns == ROW:
        return f"Optional[{value}]" if operation.is_nullable else value
    if verb in (MEMBER, ASK):
        return annotation(operation.returns, nullable=operation.is_nullable)
    if verb in {"values", "ids"}:
        return f"List[{row if operation.is_mapping else _row(operation)}]"
    return _RESULTS.get(verb, "{value}").format(value=value)


def _of_call(operation: Operation, value: str) -> str:
    if operation.returns == NOTHING:
        return "None"
    text = value if operation.returns == ROW else annotation(operation.returns)
    if operation.is_many:
        text = f"List[{text}]"
    return f"Optional[{text}]" if operation.is_nullable and text != "Any" else text


def _row(operation: Operation) -> str:
    parts = [annotation(each.type, nullable=each.nullable) for each in operation.row]
    return parts[0] if operation.is_flat else f"Tuple[{', '.join(parts)}]"


def row_class(operation: Operation) -> str:
    """Return the name of the class of an operation's rows, where they are dicts."""
    return "".join(part.capitalize() for part in operation.name.split("_")) + "Row"


def arguments(operation: Operation, key: str, *, is_caller: bool) -> str:
    """Return the parameters of an operation's function, keyword-only.

    `key` is the type of the model's primary key: a member is asked of the row that has it.
    """
    every = given(operation, key)
    found = [f"{each.name}: {of_parameter(each, is_caller=is_caller)}" for each in every]
    if operation.is_limited:
        found += ["offset: int = 0", "limit: Optional[int] = None"]
    return ", ".join(["*", *found]) if found else ""


def given(operation: Operation, key: str) -> list[Parameter]:
    """Return what callers pass: of which row, then of scopes, filters, exclusions and writes."""
    of_row = [Parameter("id", "pk", key)] if operation.verb in (MEMBER, *LINKS) else []
    narrowing = [*operation.given, *operation.filters, *operation.exclude]
    if operation.verb == CALL:
        narrowing.sort(key=lambda each: each.name)
    return [*of_row, *narrowing, *operation.writes]


def quoted(names: Iterable[str]) -> list[str]:
    """Return names as string literals."""
    return [f'"{name}"' for name in names]


def is_write(operation: Operation) -> bool:
    """Tell whether an operation changes something."""
    return operation.verb in WRITES or operation.is_write


def standard_imports(text: str, further: Iterable[str] = ()) -> list[str]:
    """Return the imports of the standard library that annotations in a text need."""
    lines = set(further)
    for wire in TYPES.values():
        if (
            wire.imports
            and wire.annotation != "Any"
            and re.search(rf"\b{re.escape(wire.annotation)}\b", text)
        ):
            module, name = wire.imports
            lines.add(f"from {module} import {name}" if name else f"import {module}")
    typing = [name for name in _TYPING if re.search(rf"\b{name}\b", text)]
    if typing:
        lines.add(layout.imports("typing", typing))
    return sorted(lines)
