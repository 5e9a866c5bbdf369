"""The value classes of a contract as Python text, standing on `strangler.client.values`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.contract import constant_classes, layout
from codemods.contract.python_types import row_class, standard_imports
from codemods.contract.types import annotation
from codemods.contract.wording import header

if TYPE_CHECKING:
    from codemods.contract.operations import Contract, Member, Operation, Related, ValueType


def names(contract: Contract) -> list[str]:
    """Return the classes of the values module."""
    rows = [row_class(each) for each in contract.operations if _has_row_class(each)]
    return sorted([*(value.name for value in contract.values), *rows])


def render(contract: Contract) -> str:
    """Return the values module; a value that another carries stands before it."""
    by_label = {value.model: value for value in contract.values}
    classes = [_value(value, by_label) for value in _innermost_first(contract.values)]
    classes += [_row(each) for each in contract.operations if _has_row_class(each)]
    body = "\n\n\n".join(classes)
    standard = ["from dataclasses import dataclass"] if contract.values else []
    if "@cached_property" in body:
        standard.append("from functools import cached_property")
    used = [name for name in ("Key", "Value") if f"{name}(" in body or f"({name}," in body]
    runtime = constant_classes.django_imports(contract.values)
    runtime += [layout.imports("strangler.client.values", used)] if used else []
    if "Carried(" in body:
        runtime.append("from strangler.client.carried import Carried")
    if "row_of(" in body:
        runtime.append("from strangler.client.rows import row_of")
    imported = layout.sections(standard_imports(body, standard), runtime)
    about = f"What stands for rows of {contract.service} outside it."
    return layout.formatted(f"{header(contract.service, about)}\n{imported}\n\n\n{body}\n")


def _has_row_class(operation: Operation) -> bool:
    return operation.verb == "values" and operation.is_mapping


def _innermost_first(values: tuple[ValueType, ...]) -> list[ValueType]:
    by_label = {value.model: value for value in values}
    found: dict[str, ValueType] = {}

    def add(value: ValueType) -> None:
        if value.model in found:
            return
        for related in value.related:
            if related.is_carried and not related.is_foreign:
                add(by_label[related.model])
        found[value.model] = value

    for value in values:
        add(value)
    return list(found.values())


def _value(value: ValueType, by_label: dict[str, ValueType]) -> str:
    bases = ["Value", f'model="{value.model}"', f'pk="{value.pk}"']
    if value.get and value.get_many:
        key = f'Key("{value.pk}", "{value.get}", "{value.get_many}", "id", "ids")'
        bases.append(f"keys=({key},)")
    fields = [f'model_label: ClassVar[str] = "{value.model}"', "", *constant_classes.render(value)]
    fields += [
        f"{each.name}: {annotation(each.type, nullable=each.nullable)}" for each in value.columns
    ]
    methods = []
    for related in value.related:
        more, further = _related(related, by_label)
        fields += more
        methods += further
    for member in value.members:
        more, further = _member(member)
        fields += more
        methods += further
    if value.has_text:
        fields.append("_text: Optional[str]" if value.may_lack_text else "_text: str")
    lines = [
        "@dataclass(frozen=True, eq=False, repr=False)",
        f"class {value.name}({', '.join(bases)}):",
        layout.docstring(f"What is read of {value.model} outside its service."),
        "",
        *(f"    {field}" if field else "" for field in fields),
    ]
    return "\n".join(lines) + "".join(f"\n\n{method}" for method in methods)


def _related(its: Related, by_label: dict[str, ValueType]) -> tuple[list[str], list[str]]:
    """Return the fields and the methods that stand for a relation."""
    if its.is_foreign:
        about = f"The row of {its.model}, which is not this service's."
        found = f'return getattr(row_of(self), "{its.name}")'
        return [], [_property(its.name, "Any", about, [found])]
    value = by_label[its.model]
    if its.is_many:
        about = f"The rows of {value.name} carried along, as many as there were."
        found = f"return Carried(self._{its.name})"
        kind = f"Carried[{value.name}]"
        return [f"_{its.name}: List[{value.name}]"], [_property(its.name, kind, about, [found])]
    kind = f"Optional[{value.name}]" if its.nullable else value.name
    if not its.is_carried:
        about = f"The {value.name}, asked for when it is read."
        body = _asking(value.name, value.get, its.key)
        if its.nullable:
            body = [f"if self.{its.key} is None:", "    return None", *body]
        return [], [_property(its.name, kind, about, body, is_cached=True)]
    if its.is_reverse:
        about = f"The {value.name} carried along; raises as the ORM does where there is none."
        is_back_asked = any(each.name == its.key and not each.is_carried for each in value.related)
        back = f', "{its.key}"' if is_back_asked else ""
        one = f'self._one("{its.name}", {value.name}{back})'
        body = [f"result: {value.name} = {one}", "return result"]
        return [f"_{its.name}: {kind}"], [_property(its.name, value.name, about, body)]
    return [f"{its.name}: {kind}"], []


def _member(its: Member) -> tuple[list[str], list[str]]:
    """Return the fields and the methods that stand for a property or method."""
    kind = annotation(its.type, nullable=its.nullable)
    is_certain = its.is_carried and not its.operation
    if is_certain and not its.is_method:
        return [f"{its.name}: {kind}"], []
    body = [f"return self._{its.name}"]
    about = "What the model's own gave, carried along."
    if not is_certain:
        about = "Asked of the service when it is read."
        body = _asking(kind, its.operation, "pk")
    if its.is_carried and its.operation:
        about = "Carried along; asked for where the row's columns did not do."
        body = [
            f"if self._{its.name} is not None:", f"    return self._{its.name}", *body
        ]  # fmt: skip
    held = annotation(its.type, nullable=its.nullable or bool(its.operation))
    fields = [f"_{its.name}: {held}"] if its.is_carried else []
    return fields, [_property(its.name, kind, about, body, is_called=its.is_method)]


def _asking(kind: str, operation: str, key: str) -> list[str]:
    return [f'result: {kind} = self._ask("{operation}", id=self.{key})', "return result"]


def _property(
    name: str,
    kind: str,
    about: str,
    body: list[str],
    *,
    is_cached: bool = False,
    is_called: bool = False,
) -> str:
    decorator = "    @cached_property" if is_cached else "    @property"
    return "\n".join(
        [
            *([] if is_called else [decorator]),
            f"    def {name}(self) -> {kind}:",
            layout.docstring(about, indent=2),
            *(f"        {line}" for line in body),
        ]
    )


def _row(operation: Operation) -> str:
    fields = [
        f"    {each.name}: {annotation(each.type, nullable=each.nullable)}"
        for each in operation.row
    ]
    about = layout.docstring(f"A row that {operation.name} gives.")
    return "\n".join([f"class {row_class(operation)}(TypedDict):", about, "", *fields])
