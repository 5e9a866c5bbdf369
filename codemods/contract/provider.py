"""The provider: the operations over the ORM, in the service's own code, as Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.contract import layout
from codemods.contract.managers import manager_of_every_row
from codemods.contract.nouns import snake
from codemods.contract.operations import MEMBER, Contract, Operation, Related, ValueType
from codemods.contract.python_types import (
    arguments,
    is_write,
    of_result,
    row_class,
    standard_imports,
)
from codemods.contract.wording import header, steps, summary

if TYPE_CHECKING:
    from codemods.project.graph import Graph

_ATTEMPT = '''def _attempt(read: Callable[[], Any]) -> Any:
    """Return what a member gives; None where it fails, so that it is asked for and fails there."""
    try:
        return read()
    except Exception:
        return None'''
_ONE = frozenset({"get", "earliest", "latest", "create"})
_MAYBE = frozenset({"first", "last"})


def render(contract: Contract, graph: Graph, client_module: str) -> str:
    """Return the provider module of a contract.

    Args:
        contract: what the service offers.
        graph: the project's models: where their classes are, and which managers they have.
        client_module: dotted name of the client package, whose values are returned.
    """
    rendering = _Rendering(contract, graph)
    functions = [rendering.function(each) for each in contract.operations]
    functions += [rendering.conversion(value) for value in contract.values]
    if any("_attempt(" in each for each in functions):
        functions.append(_ATTEMPT)
    body = "\n\n\n".join(functions)
    reads = [each.name for each in contract.operations if not is_write(each)]
    writes = [each.name for each in contract.operations if is_write(each)]
    parts = [header(contract.service, f"The operations of {contract.service}, over the ORM.")]
    if standard := standard_imports(body):
        parts += [*standard, ""]
    if rendering.by_name:
        parts += ["from django.apps import apps", ""]
    used = client_module if "values." in body else ""
    if local := _imports(rendering, used):
        parts += [*local, ""]
    parts += [_names("READS", reads), _names("WRITES", writes)]
    parts += [
        f'{name} = apps.get_model("{label}")' for label, name in sorted(rendering.by_name.items())
    ]
    return "\n".join(parts) + (f"\n\n\n{body}\n" if body else "\n")


def _imports(rendering: _Rendering, client_module: str) -> list[str]:
    modules: dict[str, set[str]] = {client_module: {"values"}} if client_module else {}
    for module, name in rendering.imported:
        modules.setdefault(module, set()).add(name)
    return [layout.imports(module, names) for module, names in sorted(modules.items())]


def _names(name: str, items: list[str]) -> str:
    quoted = [f'"{item}"' for item in items]
    if len(quoted) == 1:
        return layout.bracketed(f"{name} = (", [f"{quoted[0]},"], ")")
    return layout.bracketed(f"{name} = (", quoted, ")", is_import=True)


class _Rendering:
    """Gathers the models that are used while functions are written."""

    def __init__(self, contract: Contract, graph: Graph) -> None:
        self.graph = graph
        self.values = {value.model: value for value in contract.values}
        self.imported: set[tuple[str, str]] = set()
        self.by_name: dict[str, str] = {}
        self.spelt = {value.model: value.name for value in contract.values}

    def model(self, label: str) -> str:
        """Return how a model's class is spelt, and remember to import it."""
        its = self.graph.models[label]
        module, _, qualname = its.name.partition(":")
        spelt = self.spelt.get(label, qualname.rpartition(".")[2])
        if "." in qualname or its.auto_created:
            self.by_name[label] = spelt
        else:
            self.imported.add((module, qualname if qualname == spelt else f"{qualname} as {spelt}"))
        return spelt

    def function(self, operation: Operation) -> str:
        """Return one operation."""
        value = self.values.get(operation.model)
        key = value.columns[0].type if value else "any"
        kind = f"values.{value.name}" if value else "Any"
        result = of_result(operation, kind, f"values.{row_class(operation)}")
        head = layout.bracketed(
            f"def {operation.name}(", arguments(operation, key, is_caller=False), f") -> {result}:"
        )
        about = layout.docstring(summary(operation, value.name if value else "row"))
        return "\n".join([head, about, *self._body(operation, value)])

    def _body(self, operation: Operation, value: ValueType | None) -> list[str]:
        verb, start = operation.verb, self._start(operation)
        if verb == MEMBER:
            call = ", ".join(f"{each.lookup}={each.name}" for each in operation.filters)
            end = operation.member if operation.is_property else f"{operation.member}({call})"
            return [f"    return {start}.get(pk=id).{end}"]
        if value is not None and verb in {*_ONE, *_MAYBE, "list", "get_by_ids"}:
            return self._giving_values(operation, value, start)
        text = start + "".join(steps(operation))
        if verb == "values":
            text = f"list({text})"
        if len(f"    return {text}") <= layout.WIDTH:
            return [f"    return {text}"]
        lines = self._stepwise(start, steps(operation)[:-1])
        last = f"rows{steps(operation)[-1]}"
        return [
            *lines,
            *layout_call(f"return list({last})" if verb == "values" else f"return {last}"),
        ]

    def _giving_values(self, operation: Operation, value: ValueType, start: str) -> list[str]:
        convert = f"_{_snake(value)}"
        paths = [] if operation.verb == "create" else self.loads(value)
        if paths:
            start += f".select_related({', '.join(f'{chr(34)}{path}{chr(34)}' for path in paths)})"
        every = steps(operation)
        many = {"list": "rows", "get_by_ids": "rows.values()"}.get(operation.verb)
        name = "rows" if many else "row"
        text = f"    {name} = {start}{''.join(every)}"
        if len(text) <= layout.WIDTH:
            lines = [text]
        else:
            lines = self._stepwise(start, every[:-1])
            lines += layout_call(f"{name} = rows{every[-1]}") if every else []
        if many:
            return [*lines, f"    return [{convert}(row) for row in {many}]"]
        if operation.verb in _MAYBE:
            return [*lines, f"    return None if row is None else {convert}(row)"]
        return [*lines, f"    return {convert}(row)"]

    def _stepwise(self, start: str, every: list[str]) -> list[str]:
        lines = layout_call(f"rows = {start}")
        for step in every:
            lines += layout_call(f"rows = rows{step}")
        return lines

    def _start(self, operation: Operation) -> str:
        manager = operation.manager or manager_of_every_row(self.graph, operation.model)
        return f"{self.model(operation.model)}.{manager}"

    def loads(self, value: ValueType, prefix: str = "") -> list[str]:
        """Return what select_related must follow so that a row becomes a value by one query."""
        found = {prefix + path for path in value.loads}
        for related in value.related:
            if related.is_carried and not related.is_foreign:
                path = prefix + related.name
                back = f"{path}__{self._back(value, related)}"
                ahead = self.loads(self.values[related.model], f"{path}__")
                found |= {path, *(each for each in ahead if each != back)}
        return sorted(
            path for path in found if not any(other.startswith(f"{path}__") for other in found)
        )

    def _back(self, value: ValueType, related: Related) -> str:
        """Return the field that leads back to the row itself, which Django fills in unasked."""
        accessors = self.graph.models[value.model].accessors
        return accessors[related.name].field if related.is_reverse else ""

    def conversion(self, value: ValueType) -> str:
        """Return the function that makes a value of a row."""
        items = [f"{each.name}=row.{each.name}" for each in value.columns]
        before: list[str] = []
        for related in value.related:
            if related.is_foreign or not related.is_carried:
                continue
            convert = f"_{_snake(self.values[related.model])}"
            name = related.name
            if related.is_reverse:
                before.append(f'    {name}_row = getattr(row, "{name}", None)')
                items.append(f"_{name}=None if {name}_row is None else {convert}({name}_row)")
            elif related.nullable:
                items.append(f"{name}=None if row.{name} is None else {convert}(row.{name})")
            else:
                items.append(f"{name}={convert}(row.{name})")
        for member in value.members:
            if not member.is_carried:
                continue
            read = f"row.{member.name}" + "()" * member.is_method
            field = f"_{member.name}" if member.is_method or member.operation else member.name
            items.append(f"{field}={f'_attempt(lambda: {read})' if member.operation else read}")
        if value.has_text:
            text = "_attempt(lambda: str(row))" if value.may_lack_text else "str(row)"
            items.append(f"_text={text}")
        head = layout.bracketed(
            f"def _{_snake(value)}(",
            [f"row: {self.model(value.model)}"],
            f") -> values.{value.name}:",
        )
        made = layout.bracketed(f"return values.{value.name}(", items, ")", indent=1)
        return "\n".join([head, *before, made])


def layout_call(line: str) -> list[str]:
    """Return a statement that ends with a call, laid out over lines where it is too long."""
    if len(f"    {line}") <= layout.WIDTH or not line.endswith(")"):
        return [f"    {line}"]
    depth = 0
    for at in range(len(line) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(line[at], 0)
        if depth == 0:
            break
    items = line[at + 1 : -1].split(", ")
    return layout.bracketed(line[: at + 1], items, ")", indent=1).split("\n")


def _snake(value: ValueType) -> str:
    return snake(value.name)
