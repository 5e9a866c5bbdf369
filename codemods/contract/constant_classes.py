"""The constants of a value class as Python text: choices classes in it, and plain names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.contract import layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.contract.operations import Choice, Constant, ValueType


def render(value: ValueType) -> list[str]:
    """Return the lines that stand in a value class before its fields."""
    lines: list[str] = []
    for constant in value.constants:
        if constant.kind:
            lines += [*_choices(constant, value.model), ""]
        else:
            lines += [f"{constant.name}: ClassVar[Any] = {constant.value!r}", ""]
    return lines


def django_imports(values: Iterable[ValueType]) -> list[str]:
    """Return the import of the choices' bases, if there are choices."""
    kinds = {constant.kind for value in values for constant in value.constants if constant.kind}
    return [layout.imports("django.db.models", sorted(kinds))] if kinds else []


def _choices(constant: Constant, model: str) -> list[str]:
    return [
        f"class {constant.name}({constant.kind}):",
        layout.docstring(f"{model}.{constant.name}."),
        "",
        *(f"    {_member(each)}" for each in constant.members),
    ]


def _member(choice: Choice) -> str:
    label = "" if choice.label is None else f", {choice.label!r}"
    return f"{choice.name} = {choice.value!r}{label}"
