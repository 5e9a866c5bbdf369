"""Statements in a row that set columns of one row and save it: found, and checked to be exact.

check = Check(project=project)          one that is made here: `create`
check.name = form.cleaned_data["name"]  columns that are set
check.save()                            the end of the run
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.transforms import own_rows, shapes
from codemods.transforms.columns import Column, column_of
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import OPERATION
from codemods.transforms.transactions import check_outside
from codemods.transforms.tree import Reading, is_name, method_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codemods.project.graph import Model
    from codemods.transforms.source import SourceFile

LOOPS = (cst.For, cst.While)
IN_A_ROW = "set the columns in a row, right before save()"
AT_ONCE = "offer it as an operation that takes all rows at once"
FILES = frozenset({"FileField", "ImageField"})


@dataclass(frozen=True, eq=False)
class Setting:
    """A column that a statement sets: under which name, to what, and where that is written."""

    name: str
    value: cst.BaseExpression
    node: cst.CSTNode


@dataclass(frozen=True, eq=False)
class Run:
    """Statements that set columns of the row in `name`, of which `saved`, the last, saves it.

    `made` is the statement that makes the row, None for one that is there already. `is_partial`
    tells that only what is set is saved. `columns` are typed as `settings` are. `is_dirty` tells
    that a method may have set more of the row here, which is not saved.
    """

    name: cst.Name
    label: str
    made: cst.SimpleStatementLine | None
    sets: tuple[cst.SimpleStatementLine, ...]
    saved: cst.SimpleStatementLine
    settings: tuple[Setting, ...]
    columns: tuple[Column, ...]
    is_partial: bool
    is_dirty: bool = False

    @property
    def statements(self) -> tuple[cst.SimpleStatementLine, ...]:
        """Return all of its statements, in order."""
        return (*([self.made] if self.made else []), *self.sets, self.saved)


def runs(file: SourceFile, refuse: list[Unsupported]) -> Iterator[Run]:
    """Give each run of a file that an operation can stand for; the rest goes to `refuse`."""
    for block in file.find(cst.IndentedBlock):
        body = list(block.body)
        for index, statement in enumerate(body):
            name = _saved(statement)
            value = file.certain(name) if name is not None else None
            if name is None or value is None or value[0] not in "IU":
                continue
            if not file.is_served(value[1]) or own_rows.scope_of(file, name) is None:
                continue
            try:
                yield _run(file, body[: index + 1], name, value[1])
            except Unsupported as found:
                refuse.append(found)


def _only(statement: cst.CSTNode) -> cst.CSTNode | None:
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def _saved(statement: cst.CSTNode) -> cst.Name | None:
    """Return the name whose row a statement `name.save(...)` saves."""
    only = _only(statement)
    save = method_of(only.value, "save") if isinstance(only, cst.Expr) else None
    return save.value if save is not None and isinstance(save.value, cst.Name) else None


def _settings(statement: cst.CSTNode, name: str) -> list[Setting] | None:
    """Return what a statement sets of a name's row; None when it does anything else."""
    assign = _only(statement)
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return None
    target, value = assign.targets[0].target, assign.value
    if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple):
        pairs = [(a.value, b.value) for a, b in zip(target.elements, value.elements, strict=False)]
        if len(target.elements) != len(value.elements):
            return None
    else:
        pairs = [(target, value)]
    found = []
    for one, given in pairs:
        if not isinstance(one, cst.Attribute) or not is_name(one.value, name):
            return None
        found.append(Setting(one.attr.value, given, one))
    return found


def _run(file: SourceFile, body: Sequence[cst.BaseStatement], name: cst.Name, label: str) -> Run:
    saved = cast("cst.SimpleStatementLine", body[-1])
    sets: list[cst.SimpleStatementLine] = []
    settings: list[Setting] = []
    for statement in reversed(body[:-1]):
        found = _settings(statement, name.value)
        if found is None:
            break
        sets.insert(0, cast("cst.SimpleStatementLine", statement))
        settings[:0] = found
    before = body[-2 - len(sets)] if len(body) > 1 + len(sets) else None
    made = _made(file, before, name.value, label)
    if made is not None:
        settings[:0] = _given(made)
    run = Run(
        name,
        label,
        cast("cst.SimpleStatementLine", before) if made is not None else None,
        tuple(sets),
        saved,
        tuple(settings),
        tuple(column_of(file, label, each.name, each.value, each.node) for each in settings),
        _is_partial(file, saved, label, settings),
    )
    _check(file, run)
    return replace(run, is_dirty=_is_dirty(file, run))


def _made(
    file: SourceFile, statement: cst.CSTNode | None, name: str, label: str
) -> cst.Call | None:
    """Return the call of the model that a statement puts into a name."""
    assign = _only(statement) if statement is not None else None
    if not isinstance(assign, cst.Assign) or not isinstance(assign.value, cst.Call):
        return None
    if len(assign.targets) != 1 or not is_name(assign.targets[0].target, name):
        return None
    call = assign.value
    return call if file.certain(call.func) == ("M", label) else None


def _given(made: cst.Call) -> list[Setting]:
    found = []
    for arg in made.args:
        if arg.keyword is None or arg.star:
            raise Unsupported(arg, "what is set is put together at run time", "name the columns")
        found.append(Setting(arg.keyword.value, arg.value, arg))
    return found


def _is_partial(
    file: SourceFile,
    saved: cst.SimpleStatementLine,
    label: str,
    settings: Sequence[Setting],
) -> bool:
    """Tell whether save() names the very columns that are set; all are saved without.

    Raises:
        Unsupported: it names others, or takes other arguments.
    """
    call = cast("cst.Call", cast("cst.Expr", saved.body[0]).value)
    if not call.args:
        return False
    fields = call.args[0].value
    is_named = is_name(call.args[0].keyword, "update_fields")
    if len(call.args) == 1 and is_named and isinstance(fields, (cst.List, cst.Tuple, cst.Set)):
        named = {shapes.text(each.value) or "" for each in fields.elements}
        if _columns(file, label, named) == _columns(file, label, {s.name for s in settings}):
            return True
    raise Unsupported(call, "save() is given more than the names of what was set", IN_A_ROW)


def _columns(file: SourceFile, label: str, names: set[str]) -> set[str]:
    model = file.graph.models[label]
    fields = [model.fields.get(name) or model.attnames.get(name) for name in names]
    return {field.name if field else "" for field in fields}


def _check(file: SourceFile, run: Run) -> None:
    """Check that setting and saving there does what it does here.

    Raises:
        Unsupported: it may not.
    """
    check_outside(file, run.saved)
    model = file.graph.models[run.label]
    if not run.settings:
        raise Unsupported(run.saved, "what was changed of it is set elsewhere", IN_A_ROW)
    _check_around(file, run)
    written = [column.parameter.lookup for column in run.columns]
    if len(set(written)) < len(written):
        raise Unsupported(run.saved, "a column is set twice", "set it once")
    for column in run.columns:
        field = model.fields.get(column.parameter.lookup)
        if column.parameter.lookup == model.pk or (field and field.internal_type in FILES):
            reason = f"{column.parameter.lookup} is its key, or a file"
            raise Unsupported(run.saved, reason, OPERATION)
    _check_values(file, run)
    if run.made is not None:
        _check_made(file, run, model)
        own_rows.check_own(file, run.name, made=run.made.body[0])
    else:
        own_rows.check_own(file, run.name)


def _check_around(file: SourceFile, run: Run) -> None:
    around = file.parent(run.saved)
    while around is not None and not isinstance(around, cst.FunctionDef):
        if isinstance(around, LOOPS):
            raise Unsupported(run.saved, "a row is saved in each turn of a loop", AT_ONCE)
        around = file.parent(around)


def _check_made(file: SourceFile, run: Run, model: Model) -> None:
    """Check that create() is what the constructor and save() come to."""
    if "save" in model.members or "__init__" in model.members:
        reason = f"{run.label} saves itself in a way of its own"
        raise Unsupported(run.saved, reason, "create it by its manager")
    if run.is_partial:
        raise Unsupported(run.saved, "a row that is not there yet is saved in part", IN_A_ROW)
    for manager in model.managers.values():
        for base in (*manager.bases, *manager.queryset_bases):
            known = file.graph.classes.get(base)
            if known is not None and "create" in known.names:
                reason = f"the manager of {run.label} creates rows in a way of its own"
                raise Unsupported(run.saved, reason, OPERATION)


def _check_values(file: SourceFile, run: Run) -> None:
    """Check that no value is read of what was set before it, or of a row that is not there yet."""
    set_before: set[str] = set()
    for setting in run.settings:
        finder = _Reads(run.name.value)
        setting.value.visit(finder)
        clash = finder.attributes & set_before
        if finder.is_bare or clash or (run.made is not None and finder.attributes):
            raise Unsupported(setting.value, "it is read of what was just set", "name it first")
        model = file.graph.models[run.label]
        field = model.fields.get(setting.name) or model.attnames.get(setting.name)
        set_before |= {setting.name, *((field.name, field.attname) if field else ())}


class _Reads(Reading):
    """The attributes that an expression reads of a name, and whether it takes the name itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.attributes: set[str] = set()
        self.is_bare = False

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802  libcst's name
        if isinstance(node.value, cst.Name) and node.value.value == self.name:
            self.attributes.add(node.attr.value)
            return False
        node.value.visit(self)
        return False

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802  libcst's name
        if isinstance(node.func, cst.Attribute) and is_name(node.func.value, self.name):
            self.is_bare = True

    def visit_Arg(self, node: cst.Arg) -> bool:  # noqa: N802  libcst's name
        node.value.visit(self)
        return False

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802  libcst's name
        self.is_bare = self.is_bare or node.value == self.name


def _is_dirty(file: SourceFile, run: Run) -> bool:
    """Tell whether the row was more than read before the run.

    Raises:
        Unsupported: all of it is saved, or it is kept by somebody.
    """
    start, is_dirty = file.span(run.statements[0])[:2], False
    for use in own_rows.uses_of(file, run.name):
        if file.span(use)[:2] >= start or own_rows.is_only_read(file, use):
            continue
        method = file.parent(use)
        call = file.parent(method) if method is not None else None
        is_called = isinstance(call, cst.Call) and call.func is method
        if not (run.is_partial and is_called):
            raise Unsupported(use, "it is changed or kept before it is saved", IN_A_ROW)
        is_dirty = True
    return is_dirty
