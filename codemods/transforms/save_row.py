"""Ask the service to set columns of one row and save it, or to create it so.

`check.name = x` directly followed by `check.save()` becomes `save_check_setting_name(id=check.pk,
name=x)`, and `check = Check(name=x)` with `check.save()` becomes a create. The owner sets the same
columns of the same row and calls its save(), so overrides and signals run as before. What was not
set is saved as it is by then, not as it was when this function read it; a row that is gone by then
raises DoesNotExist, where save() would have made it anew.

It is refused in a transaction, where others may hold the row, and where what is done with it
afterwards needs a row.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import Operation, Parameter
from codemods.transforms import calls, own_rows, row_writes
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.columns import given
from codemods.transforms.links import Unsupported, imports_behind
from codemods.transforms.row_runs import runs
from codemods.transforms.uses import ONE, Uses

if TYPE_CHECKING:
    from codemods.transforms.row_runs import Run
    from codemods.transforms.source import SourceFile

ORDER = 16
NAME = "save-row"


@dataclass(frozen=True, eq=False)
class Saved:
    """A run that an operation stands for: what is read of the row afterwards, and whether anew."""

    run: Run
    uses: Uses
    is_bound: bool


@dataclass
class Found:
    """The runs of a file, by each expression that sets or saves, and those left as they are."""

    saved: list[Saved] = field(default_factory=list)
    inside: set[cst.CSTNode] = field(default_factory=set)
    refused: list[Unsupported] = field(default_factory=list)


_KNOWN: weakref.WeakKeyDictionary[SourceFile, Found] = weakref.WeakKeyDictionary()


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each row that is set and saved in a row of statements."""
    found = _found_in(file)
    return Proposal(
        [change for saved in found.saved for change in _changes(file, saved)],
        [Refusal(each.node, NAME, each.reason, each.suggestion) for each in found.refused],
    )


def is_saved(file: SourceFile, name: cst.BaseExpression) -> bool:
    """Tell whether a row is set, or saved, where its name stands, in a run that becomes a call."""
    is_asked = file.chosen is None or NAME in file.chosen
    return is_asked and file.parent(name) in _found_in(file).inside


def _found_in(file: SourceFile) -> Found:
    """Return the runs of a file; the later first, as they are what follows upon those before."""
    if file in _KNOWN:
        return _KNOWN[file]
    found = _KNOWN[file] = Found()
    if file.context == file.service:
        return found
    for run in sorted(
        runs(file, found.refused), key=lambda each: file.span(each.saved), reverse=True
    ):
        try:
            _anchor(file, run)
            found.saved.append(Saved(run, *_later(file, run)))
        except Unsupported as refused:
            found.refused.append(refused)
        else:
            call = cst.ensure_type(cst.ensure_type(run.saved.body[0], cst.Expr).value, cst.Call)
            found.inside |= {call.func, *(each.node for each in run.settings)}
    return found


def _changes(file: SourceFile, saved: Saved) -> list[Change]:
    """Return one change for each statement: one becomes the call, the others go."""
    run, anchor = saved.run, _anchor(file, saved.run)
    operation = _operation(file, run)
    values = {number: each.value for number, each in enumerate(run.settings)}
    group = row_writes.group_of(file, run.saved)

    def taken(statement: cst.SimpleStatementLine) -> Change:
        def take(node: cst.CSTNode) -> object:
            values.update(_values(run, statement, cast("cst.SimpleStatementLine", node)))
            return cst.RemoveFromParent()

        return Change(statement, take, NAME, group=group)

    def make(node: cst.CSTNode) -> object:
        line = cast("cst.SimpleStatementLine", node)
        values.update(_values(run, anchor, line))
        call = _call(file, run, operation, values, is_bound=saved.is_bound)
        target = cst.AssignTarget(cst.Name(run.name.value))
        made = cst.Assign([target], call) if saved.is_bound else cst.Expr(call)
        blank = line.leading_lines or run.statements[0].leading_lines
        return line.with_changes(body=[made], leading_lines=blank)

    made = _only(run.made).value if run.made else None
    call = Change(
        anchor,
        make,
        NAME,
        operations=(operation,),
        needs=tuple(sorted(saved.uses.needs)),
        imports=(file.client_import,),
        unused=imports_behind(file, made.func) if isinstance(made, cst.Call) else (),
        group=group,
    )
    return [call, *(taken(each) for each in run.statements if each is not anchor)]


def _later(file: SourceFile, run: Run) -> tuple[Uses, bool]:
    """Return what is read of the row after it was saved, and whether it must be as it is by then.

    Raises:
        Unsupported: something is done with it that needs a row, or may.
    """
    end, uses = file.span(run.saved)[2:], Uses(file)
    later = [use for use in own_rows.uses_of(file, run.name) if file.span(use)[:2] > end]
    is_bound = bool(later) and (
        run.made is not None or not all(_is_neutral(file, run, use) for use in later)
    )
    if not is_bound:
        return uses, False
    if run.is_dirty:
        raise Unsupported(later[0], "it is read after a method has set more of it", "save that too")
    for use in later:
        uses.follow(use, run.label, ONE)
    for related in uses.related:
        reason = f"its related rows {related.attr.value} are asked for"
        raise Unsupported(related, reason, "ask for them by its id, in place")
    return uses, True


def _anchor(file: SourceFile, run: Run) -> cst.SimpleStatementLine:
    """Return the statement in whose place the call comes: the first, so that comments stay.

    The last when something inside the later ones may be rewritten itself, as it is by then.

    Raises:
        Unsupported: a comment would be lost.
    """
    first, *rest = run.statements
    inside = [each.value for each in run.settings if not file.is_within(each.node, first)]
    crossings = [each for value in inside for each in file.crossings_in(value)]
    is_plain = all(each.kind == "attribute" for each in crossings)  # those stay as they are
    if is_plain and not any(calls.has_comment(each) for each in rest):
        return first
    if any(calls.has_comment(each) for each in run.statements[:-1]):
        raise Unsupported(run.saved, "a comment stands among its columns", "move it above them")
    return run.saved


def _call(
    file: SourceFile,
    run: Run,
    operation: Operation,
    values: dict[int, cst.BaseExpression],
    *,
    is_bound: bool,
) -> cst.Call:
    args = [given(operation, column, values[number]) for number, column in enumerate(run.columns)]
    if run.made is None:
        key = cst.Attribute(cst.Name(run.name.value), cst.Name("pk"))
        args.insert(0, calls.argument(operation.filters[0].name, key))
    at = cast("cst.Expr", run.saved.body[0]).value
    before = len(f"{run.name.value} = ") if is_bound else 0
    return calls.call(file, f"{file.client}.{operation.name}", args, at, before=before)


def _is_neutral(file: SourceFile, run: Run, use: cst.Name) -> bool:
    """Tell whether a later use reads nothing that saving may change: the key, or related rows."""
    attribute = file.parent(use)
    if not isinstance(attribute, cst.Attribute) or attribute.value is not use:
        return False
    model, name = file.graph.models[run.label], attribute.attr.value
    if isinstance(file.parent(attribute), (cst.AssignTarget, cst.AugAssign, cst.Del)):
        return False
    return name in ("pk", model.pk) or (name in model.accessors and model.accessors[name].many)


def _operation(file: SourceFile, run: Run) -> Operation:
    writes = tuple(column.parameter for column in run.columns)
    if run.made is not None:
        return calls.named(file, Operation(run.label, "create", "", writes=writes))
    type_, _ = types.type_of_lookup(file.graph, run.label, "pk") or ("any", False)
    by_key = (Parameter("", "pk", type_),)
    return calls.named(
        file,
        Operation(run.label, "save", "", filters=by_key, writes=writes, is_partial=run.is_partial),
    )


def _values(
    run: Run, statement: cst.SimpleStatementLine, node: cst.SimpleStatementLine
) -> dict[int, cst.BaseExpression]:
    """Return what a statement sets as it is by then, by the number of its column."""
    if statement is run.saved:
        return {}
    numbers = {setting.node: number for number, setting in enumerate(run.settings)}
    before, after = _only(statement), _only(node)
    if isinstance(before.value, cst.Call) and statement is run.made:
        made = cast("cst.Call", after.value)
        pairs = zip(before.value.args, made.args, strict=True)
        return {numbers[one]: other.value for one, other in pairs}
    target = before.targets[0].target
    if isinstance(target, cst.Tuple):
        several = cast("cst.Tuple", after.value).elements
        each = zip(target.elements, several, strict=True)
        return {numbers[one.value]: other.value for one, other in each}
    return {numbers[target]: after.value}


def _only(statement: cst.SimpleStatementLine) -> cst.Assign:
    return cast("cst.Assign", statement.body[0])
