"""The provider: the operations over the ORM, in the service's own code, as Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.contract import layout
from codemods.contract.managers import manager_of_every_row
from codemods.contract.nouns import snake
from codemods.contract.operations import (
    ASK,
    CALL,
    LINKS,
    MEMBER,
    NOTHING,
    ROW,
    Contract,
    Member,
    Operation,
    Parameter,
    Related,
    ValueType,
)
from codemods.contract.python_types import (
    arguments,
    is_write,
    of_result,
    quoted,
    row_class,
    standard_imports,
)
from codemods.contract.wording import header, link, steps, summary

if TYPE_CHECKING:
    from codemods.project.graph import Graph

SHORT = 80
_ATTEMPT = '''def _attempt(read: Callable[[], Any]) -> Any:
    """Return what a member gives; None where it fails, so that it is asked for and fails there."""
    try:
        return read()
    except Exception:
        return None'''
_MAYBE = '''def _maybe(convert: Callable[[Any], Any], row: Any) -> Any:
    """Return the value of a row that may be missing."""
    return None if row is None else convert(row)'''
_ONE = frozenset({"get", "earliest", "latest", "create"})
_ONE_OR_NONE = frozenset({"first", "last"})
_WRITTEN = frozenset({"save", "get_or_create", "update_or_create"})


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
    made = "".join(functions)
    functions += [_ATTEMPT] * ("_attempt(" in made) + [_MAYBE] * ("_maybe(" in made)
    body = "\n\n\n".join(functions)
    reads = quoted(each.name for each in contract.operations if not is_write(each))
    writes = quoted(each.name for each in contract.operations if is_write(each))
    lines = [
        f"{name} = ({', '.join(items)}{',' * (len(items) == 1)})"
        for name, items in (("READS", reads), ("WRITES", writes))
    ]
    lines += rendering.failures()
    lines += [f'{name} = apps.get_model("{label}")' for label, name in rendering.looked_up()]
    imported = layout.sections(standard_imports(body), *rendering.imports(body, client_module))
    about = f"The operations of {contract.service}, over the ORM."
    head = f"{header(contract.service, about)}\n{imported}\n\n"
    return layout.formatted("\n".join([head, *lines]) + f"\n\n\n{body}\n")


class _Rendering:
    """Gathers the models that are used while functions are written."""

    def __init__(self, contract: Contract, graph: Graph) -> None:
        self.graph = graph
        self.service = contract.service
        self.values = {value.model: value for value in contract.values}
        self.used: dict[str, str] = {}
        self.contract = contract
        self.modules = sorted(
            {each.member.partition(":")[0] for each in contract.operations if each.verb == CALL}
        )

    def model(self, label: str) -> str:
        """Return how a model's class is spelt, and remember to import it."""
        if label not in self.used:
            name = label.rpartition(".")[2]
            value = self.values.get(label)
            taken = {*self.used.values(), *(value.name for value in self.values.values())}
            if value is None and name in taken:
                name = "".join(part.capitalize() for part in label.split("."))
            self.used[label] = value.name if value else name
        return self.used[label]

    def looked_up(self) -> list[tuple[str, str]]:
        """Return the models that no module has by name, as (label, spelling)."""
        return sorted(each for each in self.used.items() if not self._is_importable(each[0]))

    def _is_importable(self, label: str) -> bool:
        model = self.graph.models[label]
        return not model.auto_created and "." not in model.name.partition(":")[2]

    def module(self, name: str) -> str:
        """Return how the module of a function that is called is spelt."""
        return name.replace(".", "_")

    def failures(self) -> list[str]:
        """Return what names the errors that reach callers."""
        if not self.contract.failures:
            return []
        each = [
            f'"{failure.name}": {self.module(failure.origin.partition(":")[0])}'
            f".{failure.origin.partition(':')[2]}"
            for failure in self.contract.failures
        ]
        return [f"RAISES = {{{', '.join(each)}}}"]

    def imports(self, body: str, client_module: str) -> tuple[list[str], list[str]]:
        """Return the import lines of libraries and of the project itself."""
        names: dict[str, list[str]] = {client_module: ["values"]} if "values." in body else {}
        for label, spelt in self.used.items():
            if self._is_importable(label):
                module, _, name = self.graph.models[label].name.partition(":")
                alias = name if name == spelt else f"{name} as {spelt}"
                names.setdefault(module, []).append(alias)
        third = ["from django.apps import apps"] if self.looked_up() else []
        third += ["from strangler.client.ids import bounded"] if "bounded(" in body else []
        third += ["from strangler.client.given import given_row"] if "given_row(" in body else []
        third += ["from strangler.client.joining import joining"] if "joining(" in body else []
        failing = {each.origin.partition(":")[0] for each in self.contract.failures}
        own = [f"import {each} as {self.module(each)}" for each in {*self.modules, *failing}]
        for module, its in names.items():
            is_own = module in self.graph.modules or module == client_module
            (own if is_own else third).append(layout.imports(module, its))
        return third, own

    def function(self, operation: Operation) -> str:
        """Return one operation."""
        value = self.values.get(operation.model)
        key = value.columns[0].type if value else "any"
        kind = f"values.{value.name}" if value else "Any"
        result = of_result(operation, kind, f"values.{row_class(operation)}")
        head = f"def {operation.name}({arguments(operation, key, is_caller=False)}) -> {result}:"
        about = layout.docstring(summary(operation, value.name if value else "row"))
        return "\n".join([head, about, *self._body(operation, value)])

    def _body(self, operation: Operation, value: ValueType | None) -> list[str]:
        if operation.verb == CALL:
            return self._calling(operation, value)
        manager = operation.manager or manager_of_every_row(self.graph, operation.model)
        start = f"{self.model(operation.model)}.{manager}"
        verb = operation.verb
        if (lines := self._of_one_row(operation, start)) is not None:
            return lines
        is_row = verb == ASK and operation.returns == ROW
        if value is not None and is_row and (paths := self.loads(value)):
            start = f"joining({start}, {', '.join(quoted(paths))})"
        if value is not None and (verb in _WRITTEN or is_row):
            return self._writing_values(operation, f"_{snake(value.name)}", start)
        if value is not None and verb in {*_ONE, *_ONE_OR_NONE, "list", "get_by_ids"}:
            return self._giving_values(operation, value, start)
        *before, last = _stepwise(start, steps(operation))
        if verb == "ids":
            told = f'"{self.service}", "{operation.name}", {last}'
            return [*before, f"    return bounded({told})"]
        return [*before, f"    return list({last})" if verb == "values" else f"    return {last}"]

    def _of_one_row(self, operation: Operation, start: str) -> list[str] | None:
        """Return what is done with the row of the given id; None of any other operation."""
        if operation.verb == MEMBER:
            call = ", ".join(f"{each.lookup}={each.name}" for each in operation.filters)
            end = operation.member if operation.is_property else f"{operation.member}({call})"
            return [f"    return {start}.get(pk=id).{end}"]
        if operation.verb in LINKS:
            return [f"    {start}.get(pk=id).{link(operation)}"]
        if operation.verb == "delete_row":
            return [f"    for row in {start}.filter(pk=id):", "        row.delete()"]
        return None

    def _giving_values(self, operation: Operation, value: ValueType, start: str) -> list[str]:
        convert = f"_{snake(value.name)}"
        every = steps(operation)
        if operation.verb != "create" and (paths := self.loads(value)):
            related = f"_related({', '.join(quoted(paths))})"
            if operation.scopes:  # a scope may have deferred the columns that a join needs
                every.insert(len(operation.scopes), f".prefetch{related}")
            else:
                start += f".select{related}"
        if operation.verb != "create" and (ahead := self.ahead(value)):
            every.insert(len(operation.scopes), f".prefetch_related({', '.join(quoted(ahead))})")
        *before, last = _stepwise(start, every)
        if operation.verb in {"list", "get_by_ids"}:
            rows = f"{last}.values()" if operation.verb == "get_by_ids" else last
            return [*before, f"    rows = {rows}", f"    return [{convert}(row) for row in rows]"]
        if operation.verb in _ONE_OR_NONE:
            return [*before, f"    return _maybe({convert}, {last})"]
        return [*before, f"    return {convert}({last})"]

    def _writing_values(self, operation: Operation, convert: str, start: str) -> list[str]:
        if operation.verb == "save":
            columns = [each.lookup for each in operation.writes]
            fields = [self._field_name(operation.model, each) for each in columns]
            only = f"update_fields=[{', '.join(quoted(fields))}]" * operation.is_partial
            return [
                f"    row = {start}.get(pk=id)",
                *(f"    row.{each.lookup} = {each.name}" for each in operation.writes),
                f"    row.save({only})",
                f"    return {convert}(row)",
            ]
        if operation.verb == ASK:
            start += f".{operation.member}({', '.join(map(self._argument, operation.filters))})"
            row = f"_maybe({convert}, {start})" if operation.is_nullable else f"{convert}({start})"
            return [f"    return {row}"]
        *before, last = _stepwise(start, steps(operation))
        return [*before, f"    row, is_new = {last}", f"    return {convert}(row), is_new"]

    def _calling(self, operation: Operation, value: ValueType | None) -> list[str]:
        """Call the owner's function, with rows for their keys."""
        module, _, own = operation.member.partition(":")
        rows: dict[str, list[Parameter]] = {}
        for each in sorted((*operation.filters, *operation.given), key=lambda each: each.name):
            rows.setdefault(each.argument, []).append(each)
        items = ", ".join(f"{name}={self._handed(its)}" for name, its in rows.items())
        call = f"{self.module(module)}.{own}({items})"
        if operation.returns == NOTHING:
            return [f"    {call}"]
        if operation.returns != ROW or value is None:
            is_list = operation.is_many and not operation.is_nullable
            return [f"    return list({call})" if is_list else f"    return {call}"]
        convert = f"_{snake(value.name)}"
        if operation.is_many:
            return [f"    return [{convert}(row) for row in {call}]"]
        return [
            f"    return _maybe({convert}, {call})"
            if operation.is_nullable
            else f"    return {convert}({call})"
        ]

    def _handed(self, its: list[Parameter]) -> str:
        """Return what a function gets for one argument: a plain value, or the row of a key."""
        path, _, label = its[0].lookup.partition("@")
        if not label:
            return its[0].name
        if "." not in path:
            key = its[0]
            manager = manager_of_every_row(self.graph, label)
            row = f"{self.model(label)}.{manager}.get(pk={key.name})"
        else:
            by_column = {each.column: each for each in its}
            key = by_column.pop("pk")
            columns = [f"{name}={each.name}" for name, each in by_column.items()]
            row = f"given_row({', '.join([f'{chr(34)}{label}{chr(34)}', key.name, *columns])})"
        return f"None if {key.name} is None else {row}" if key.nullable else row

    def _argument(self, each: Parameter) -> str:
        """Return an argument of a manager's method; a row is looked up by its key."""
        name, _, label = each.lookup.partition("@")
        if not label:
            return f"{name}={each.name}"
        manager = manager_of_every_row(self.graph, label)
        return f"{name}={self.model(label)}.{manager}.get(pk={each.name})"

    def _field_name(self, label: str, column: str) -> str:
        """Return the name of the field that a column, such as "user_id", belongs to."""
        field = self.graph.models[label].attnames.get(column)
        return field.name if field else column

    def loads(self, value: ValueType, prefix: str = "") -> list[str]:
        """Return what select_related must follow so that a row becomes a value by one query."""
        found = {prefix + path for path in value.loads}
        for related in value.related:
            if related.is_carried and not related.is_foreign and not related.is_many:
                path = prefix + related.name
                back = f"{path}__{related.key}" if related.is_reverse else ""
                ahead = self.loads(self.values[related.model], f"{path}__")
                found |= {path, *(each for each in ahead if each != back)}
        return _longest(found)

    def ahead(self, value: ValueType, prefix: str = "") -> list[str]:
        """Return what prefetch_related must load so that carried rows take a query for all."""
        found: set[str] = set()
        for related in value.related:
            if related.is_carried and not related.is_foreign:
                path = prefix + related.name
                further = self.ahead(self.values[related.model], f"{path}__")
                inner = self.loads(self.values[related.model], f"{path}__")
                found |= {path, *inner, *further} if related.is_many else {*further}
        return _longest(found)

    def conversion(self, value: ValueType) -> str:
        """Return the function that makes a value of a row."""
        items = [f"{each.name}=row.{each.name}" for each in value.columns]
        items += [
            self._nested(each) for each in value.related if each.is_carried and not each.is_foreign
        ]
        items += [_member(each) for each in value.members if each.is_carried]
        if value.has_text:
            text = "_attempt(lambda: str(row))" if value.may_lack_text else "str(row)"
            items.append(f"_text={text}")
        head = f"def _{snake(value.name)}(row: {self.model(value.model)}) -> values.{value.name}:"
        return f"{head}\n    return values.{value.name}({', '.join(items)})"

    def _nested(self, its: Related) -> str:
        convert = f"_{snake(self.values[its.model].name)}"
        if its.is_many:
            return f"_{its.name}=[{convert}(each) for each in row.{its.name}.all()]"
        if its.is_reverse:
            return f'_{its.name}=_maybe({convert}, getattr(row, "{its.name}", None))'
        if its.nullable:
            return f"{its.name}=_maybe({convert}, row.{its.name})"
        return f"{its.name}={convert}(row.{its.name})"


def _member(its: Member) -> str:
    read = f"row.{its.name}" + "()" * its.is_method
    if its.operation:
        return f"_{its.name}=_attempt(lambda: {read})"
    return f"{'_' * its.is_method}{its.name}={read}"


def _stepwise(start: str, every: list[str]) -> list[str]:
    """Return an ORM expression as its last part, with assignments before it where it is long."""
    whole = start + "".join(every)
    if len(whole) <= SHORT:
        return [whole]
    lines = [f"    rows = {start}", *(f"    rows = rows{step}" for step in every[:-1])]
    return [*lines, f"rows{every[-1]}"]


def _longest(paths: set[str]) -> list[str]:
    """Return the paths that no other goes on from, in order."""
    return sorted(
        path for path in paths if not any(other.startswith(f"{path}__") for other in paths)
    )
