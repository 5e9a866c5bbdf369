"""Divert a foreign key into the service: reading it gives the client's value, not a row.

`models.ForeignKey("users.Address", models.PROTECT)` becomes `users_client.ForeignKey(...)` with the
same arguments, in a model's class or an abstract one. The field deconstructs as Django's own, so
there is no migration, and lookups, forms and the admin work as before. It is exact where nobody
uses what the relation gives as only an instance can be used (`relations.decide`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.links import qualified
from codemods.transforms.relations import DJANGO_FIELDS
from codemods.transforms.tree import children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.project.graph import Field
    from codemods.transforms.source import SourceFile

ORDER = 10
NAME = "reference"
KEEP = "leave the relation until what stands in the way has become an operation of the service"
MANY = "make the links a model of this context that holds the ids, or ask its owner for them"
BY_HAND = f"declare it with {{client}}.{{kind}}, or {KEEP}"


def propose(file: SourceFile) -> Proposal:
    """Propose to divert each relation that a model's class in this file declares."""
    proposal = Proposal()
    module = file.graph.module_of_path.get(file.path)
    if module is None or not file.relations or file.context == file.service:
        return proposal
    for qualname, definition in _classes(file.module):
        for name, call in _declared(definition):
            _field(file, f"{module}:{qualname}", name, call, proposal)
    return proposal


def _classes(node: cst.CSTNode, prefix: str = "") -> Iterator[tuple[str, cst.ClassDef]]:
    """Give the classes of a module by qualified name, those in `if` and `try` too."""
    for child in children(node):
        if isinstance(child, cst.ClassDef):
            yield prefix + child.name.value, child
            yield from _classes(child.body, f"{prefix}{child.name.value}.")
        elif not isinstance(child, (cst.FunctionDef, cst.BaseExpression)):
            yield from _classes(child, prefix)


def _declared(definition: cst.ClassDef) -> Iterator[tuple[str, cst.Call]]:
    """Give what a class body assigns to a name by calling something."""
    for line in definition.body.body:
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        for statement in line.body:
            if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
                target: cst.BaseExpression = statement.targets[0].target
            elif isinstance(statement, cst.AnnAssign):
                target = statement.target
            else:
                continue
            if isinstance(target, cst.Name) and isinstance(statement.value, cst.Call):
                yield target.value, statement.value


def _field(file: SourceFile, cls: str, name: str, call: cst.Call, proposal: Proposal) -> None:
    relations = [
        (label, name)
        for label in sorted(file.graph.concrete_of.get(cls, ()))
        if (label, name) in file.relations
    ]
    if not relations:
        _many(file, cls, name, call, proposal)
        return
    fields = [file.graph.models[label].fields[name] for label, _ in relations]
    if all(field.service for field in fields):
        return
    field = fields[0]
    reason = next((why for key in relations if (why := file.relations[key])), "")
    reason = reason or _misplaced(cls, field) or _not_a_foreign_key(file, call, field)
    if reason:
        suggestion = BY_HAND.format(client=file.client, kind=field.type)
        if field.type not in DJANGO_FIELDS or file.relations[relations[0]]:
            suggestion = KEEP
        proposal.refusals.append(Refusal(call, NAME, f"{name}: {reason}", suggestion))
        return
    proposal.changes.append(
        Change(
            call.func,
            lambda _node: cst.parse_expression(f"{file.client}.{field.type}"),
            NAME,
            imports=(file.client_import,),
            unused=_unused(file, call.func),
        )
    )


def _many(file: SourceFile, cls: str, name: str, call: cst.Call, proposal: Proposal) -> None:
    """Refuse a relation to many rows of the service, whose links are a table of either side."""
    for label in sorted(file.graph.concrete_of.get(cls, ())):
        field = file.graph.models[label].fields.get(name)
        if (
            field
            and field.target
            and file.is_served(field.target)
            and (field.many or field.generic)
        ):
            reason = f"{name}: it is a {field.type}: its links are rows, not a column of this model"
            proposal.refusals.append(Refusal(call, NAME, reason, MANY))
            return


def _misplaced(cls: str, field: Field) -> str:
    if field.declared_in not in (None, cls):
        return f"it overrides the relation that {field.declared_in} declares"
    return ""


def _not_a_foreign_key(file: SourceFile, call: cst.Call, field: Field) -> str:
    """Refuse a call that makes Django's field but is not the class itself: arguments may differ."""
    called = {name.rpartition(".")[2] for name in qualified(file, call.func)}
    if called != {field.type}:
        return f"the field is made by {file.code(call.func)}, not by {field.type} itself"
    return ""


def _unused(file: SourceFile, callee: cst.BaseExpression) -> tuple[tuple[str, str], ...]:
    """Return the import that may no longer be needed, as (module, name)."""
    root = callee
    while isinstance(root, cst.Attribute):
        root = root.value
    return tuple(
        sorted(
            (module, last)
            for module, _, last in (name.rpartition(".") for name in qualified(file, root))
            if module
        )
    )
