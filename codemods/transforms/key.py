"""Look up, compare and set by the id column where an instance of the service was only its key.

`filter(user=user)` becomes `filter(user_id=user.pk)`, so do `Q(user=user)`, `create(user=user)` and
`Order(user=user)`; `order.user == user` becomes `order.user_id == user.pk`, `order.user.pk` becomes
`order.user_id`, and `order.user is None` and `if order.user:` ask the column. Paths that need no
more than the key name the column too (`key_paths`). Exact for saved
instances that are surely there, and so it is only done where the argument cannot be None and, save
for the tests for None, where the column is never null: with a null column a lookup by an unsaved
instance, or by an anonymous visitor, would find the rows that have none. What differs are errors:
a lookup by an anonymous visitor finds nothing where it raised TypeError, and an instance saved
only after it was assigned has its key no earlier than the row does. A row that is made keeps its
instance when the function reads the relation again, since that would ask for it anew; one that
another relation gave is passed on by its key all the same, for that may have given a value, which
a relation that is not diverted cannot take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.transforms import key_inside, key_paths, key_tests
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.key_types import (
    Walk,
    holds,
    is_key,
    is_there,
    key_column,
    relation,
    walk,
)
from codemods.transforms.lookup_calls import MAKERS, model_of, query_of
from codemods.transforms.tree import is_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codemods.project.graph import Field
    from codemods.transforms.source import SourceFile

ORDER = 30
NAME = "key"
NULLABLE = "the column may be null, so that an unsaved or anonymous one would find the rows without"
NOT_SURE = "it may be None"
SUGGESTION = "pass {column}=....pk where it is surely there"
SIMPLE = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)


def propose(file: SourceFile) -> Proposal:
    """Propose to use the id columns of relations into the service."""
    proposal = Proposal()
    if file.context == file.service or not file.relations:
        return proposal
    for call in file.find(cst.Call):
        is_kept = _is_made(file, call) and _reads_again(file, call)
        for label, arg in _arguments(file, call):
            if file.is_served(label):
                _inside(file, label, arg, proposal)
            elif not is_kept or walk(file, arg.value):
                _argument(file, label, arg, proposal)
    proposal.changes += [
        Change(string, _text(column), NAME) for string, column in key_paths.texts(file)
    ]
    for comparison in file.find(cst.Comparison):
        _comparison(file, comparison, proposal)
    for attribute in file.find(cst.Attribute):
        _attribute(file, attribute, proposal)
    return proposal


def _arguments(file: SourceFile, call: cst.Call) -> Iterator[tuple[str, cst.Arg]]:
    """Give the keyword arguments of a call that are lookups or columns, with their model."""
    if not any(arg.keyword is not None for arg in call.args):
        return
    query = query_of(file, call)
    label = model_of(file, query) if query is not None else None
    if label is not None:
        yield from ((label, arg) for arg in call.args if arg.keyword is not None)


def _is_made(file: SourceFile, call: cst.Call) -> bool:
    """Tell a call that makes a row from one that looks rows up."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in MAKERS:
        return True
    value = file.certain(call.func)
    return value is not None and value[0] == "M"


def _reads_again(file: SourceFile, call: cst.Call) -> bool:
    """Tell whether what a call makes is more than made: its relation may be read from memory."""
    around = file.parent(call)
    if isinstance(around, cst.Expr):
        return False
    while around is not None and not isinstance(around, (cst.FunctionDef, cst.Module)):
        around = file.parent(around)
    names = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    return any(
        node.attr.value in names and (around is None or file.is_within(node, around))
        for node in file.find(cst.Attribute)
    )


def _inside(file: SourceFile, label: str, arg: cst.Arg, proposal: Proposal) -> None:
    """Change `user=order.user`, of a row of the service, to `user_id=order.user_id`."""
    column = key_inside.column_for(file, label, arg)
    if column:
        proposal.changes.append(Change(arg, _by_column(file, arg, column), NAME))


def _by_column(file: SourceFile, arg: cst.Arg, column: str) -> Callable[[cst.CSTNode], object]:
    """Return the edit that names the id column, and hands over a key."""

    def make(node: cst.CSTNode) -> object:
        changed = cast("cst.Arg", node)
        value = _key_of(file, arg.value, changed.value)
        return changed.with_changes(keyword=cst.Name(column), value=value)

    return make


def _renamed(column: str) -> Callable[[cst.CSTNode], object]:
    """Return the edit that names the id column."""
    return lambda node: node.with_changes(keyword=cst.Name(column))


def _text(column: str) -> Callable[[cst.CSTNode], object]:
    """Return the edit that names the id column in a string, quoted as before."""

    def make(node: cst.CSTNode) -> object:
        string = cast("cst.SimpleString", node)
        return string.with_changes(value=f"{string.prefix}{string.quote}{column}{string.quote}")

    return make


def _argument(file: SourceFile, label: str, arg: cst.Arg, proposal: Proposal) -> None:
    """Change `user=user` to `user_id=user.pk`, or say why not."""
    assert arg.keyword is not None  # noqa: S101  asked by who calls
    if column := key_paths.keyword(file, label, arg):
        proposal.changes.append(Change(arg, _renamed(column), NAME))
        return
    prefix, _, name = arg.keyword.value.rpartition("__")
    owner = _owner(file, label, prefix)
    field = relation(file, owner, name) if owner else None
    if field is None or field.target is None or not holds(file, arg.value, field.target):
        return
    column = f"{prefix}__{field.attname}" if prefix else field.attname
    reason = _doubt(file, arg.value, field)
    if reason:
        suggestion = SUGGESTION.format(column=column)
        proposal.refusals.append(Refusal(arg, NAME, f"{arg.keyword.value}: {reason}", suggestion))
        return
    proposal.changes.append(Change(arg, _by_column(file, arg, column), NAME))


def _owner(file: SourceFile, label: str, prefix: str) -> str | None:
    """Return the model that the path before a lookup's last part leads to."""
    here: str | None = label
    for part in prefix.split("__") if prefix else ():
        model = file.graph.models.get(here or "")
        if model is None:
            return None
        field, reverse = model.fields.get(part), model.query_names.get(part)
        here = field.target if field else reverse.model if reverse else None
    return here


def _doubt(file: SourceFile, node: cst.BaseExpression, field: Field) -> str:
    """Say why an instance's key cannot take its place; "" when it surely can."""
    if not isinstance(node, SIMPLE) or not is_there(file, node):
        return NOT_SURE
    return NULLABLE if field.null and not is_there(file, node, is_saved=True) else ""


def _keyed(file: SourceFile, place: cst.BaseExpression) -> Change:
    return Change(place, lambda now: _key_of(file, place, cast("cst.BaseExpression", now)), NAME)


def _key_of(
    file: SourceFile, before: cst.BaseExpression, now: cst.BaseExpression
) -> cst.BaseExpression:
    """Return the key of an instance: an id column when a relation gives it, else its pk."""
    column = key_column(file, before)
    if column and isinstance(now, cst.Attribute):
        return now.with_changes(attr=cst.Name(column))
    return cst.Attribute(now, cst.Name("pk"))


def _comparison(file: SourceFile, node: cst.Comparison, proposal: Proposal) -> None:
    """Change `order.user == user` to `order.user_id == user.pk`, and tests for None."""
    if len(node.comparisons) != 1:
        return
    target = node.comparisons[0]
    left, right = walk(file, node.left), walk(file, target.comparator)
    if isinstance(target.operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual)) and is_name(
        target.comparator, "None"
    ):
        if left is not None and left.field.null:
            proposal.changes.append(_column(node.left, left))
        return
    if not isinstance(target.operator, (cst.Equal, cst.NotEqual)) or not (left or right):
        return
    sides = ((node.left, left), (target.comparator, right))
    field = cast("Walk", left or right).field
    for place, walked in sides:
        if walked is None:
            reason = _unlike(file, place, field)
            if reason is None:
                return
            if reason:
                proposal.refusals.append(
                    Refusal(node, NAME, reason, SUGGESTION.format(column=field.attname))
                )
                return
        elif walked.field.target != field.target:
            return
    proposal.changes += [
        _column(place, walked) if walked else _keyed(file, place) for place, walked in sides
    ]


def _unlike(file: SourceFile, place: cst.BaseExpression, field: Field) -> str | None:
    """Say why the other side cannot be compared by its key; None when it is something else."""
    if field.target is None or not holds(file, place, field.target):
        return None
    doubt = _doubt(file, place, field)
    return f"{file.code(place)}: {doubt}" if doubt else ""


def _column(place: cst.CSTNode, walked: Walk) -> Change:
    """Change `order.user` to `order.user_id`."""

    def make(node: cst.CSTNode) -> object:
        return node.with_changes(attr=cst.Name(walked.field.attname))

    return Change(place, make, NAME)


def _attribute(file: SourceFile, node: cst.Attribute, proposal: Proposal) -> None:
    """Change `order.user.pk` to `order.user_id`, and the truth of `order.user` to its column's."""
    inner = walk(file, node.value)
    if inner is not None and is_key(file, inner.field, node.attr.value):
        if not inner.field.null and not key_tests.is_stored(file, node):
            attname = inner.field.attname
            proposal.changes.append(
                Change(
                    node,
                    lambda now: cast(
                        "cst.Attribute", cast("cst.Attribute", now).value
                    ).with_changes(
                        attr=cst.Name(attname),
                        lpar=cast("cst.Attribute", now).lpar,
                        rpar=cast("cst.Attribute", now).rpar,
                    ),
                    NAME,
                )
            )
        return
    walked = walk(file, node)
    if walked is not None and walked.field.null and (place := key_tests.tested(file, node)):
        proposal.changes.append(Change(place, key_tests.column_test(walked.field.attname), NAME))
