"""Ask the service for ids where an admin searches in columns of its rows.

`search_fields = ("number", "order__user__email")` becomes `("number", asked("order__user",
users_client.find_user_ids_by_email_icontains))`. Django asks of every word whether one of the
fields has it, and a row's relation is among the ids just when the join finds the column, by the
same comparison; a row without relation is found by neither, and no row more often than before. Only
for an admin's own texts: columns with text, reached by relations to one row from there on, of a
class that nothing inherits from and that builds no search of its own. Where more rows of the
service hold the word than ids can be sent for, the page fails and says so
(`strangler.client.ids`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import Operation, Parameter
from codemods.transforms import calls, joins_found
from codemods.transforms.chain_edits import text
from codemods.transforms.change import Change, Proposal
from codemods.transforms.conditions import walk
from codemods.transforms.links import Unsupported
from codemods.transforms.prefetch_paths import meeting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

ORDER = 26
NAME = "search"
ATTRIBUTE = "search_fields"
OWN = ("get_search_fields", "get_search_results")
ASKED = ("strangler.client.searching", "asked")
PREFIXES = {"^": "istartswith", "=": "iexact"}


@dataclass(frozen=True, eq=False)
class Searched:
    """One text of `search_fields`: the path to the relation, and what gives the ids."""

    node: cst.SimpleString
    through: str
    operation: Operation


def propose(file: SourceFile) -> Proposal:
    """Propose ids for each column of the service that an admin of the file searches in."""
    proposal, module = Proposal(), file.graph.module_of_path.get(file.path, "")
    if file.context == file.service or "" not in file.relations.values():
        return proposal
    for definition in file.find(cst.ClassDef):
        label = _model(file, f"{module}:{definition.name.value}")
        for element in _listed(file, definition) if label else ():
            if searched := _searched(file, label or "", element.value):
                proposal.changes.append(_change(file, searched))
    return proposal


def _model(file: SourceFile, cls: str) -> str | None:
    """Return the model of an admin that nothing inherits from, and that searches as Django does."""
    labels = {str(entry["model"]) for entry in file.graph.admin if entry["class"] == cls}
    known = file.graph.classes.get(cls)
    if len(labels) != 1 or known is None:
        return None
    if cls in file.graph.bases_of_others:
        return None
    if any(f"{each}.{name}" in file.definitions for each in (cls, *known.bases) for name in OWN):
        return None
    return labels.pop()


def _listed(file: SourceFile, definition: cst.ClassDef) -> Iterator[cst.BaseElement]:
    """Give what an admin searches in, if it says so once, in its class."""
    if file.code(definition).count(ATTRIBUTE) != 1:
        return
    for line in definition.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if not isinstance(small, cst.Assign) or len(small.targets) != 1:
                continue
            target = small.targets[0].target
            is_it = isinstance(target, cst.Name) and target.value == ATTRIBUTE
            if is_it and isinstance(small.value, (cst.Tuple, cst.List)):
                yield from small.value.elements


def _searched(file: SourceFile, label: str, node: cst.BaseExpression) -> Searched | None:
    """Return what can be asked for in place of a text; None where it stays."""
    given = text(node) if isinstance(node, cst.SimpleString) else None
    if not given or given[0] == "@" or not isinstance(node, cst.SimpleString):
        return None
    path = given.lstrip("".join(PREFIXES))
    met = meeting(file.graph, file.relations, label, path)
    if met is None or not joins_found.reaches(file, met):
        return None
    target = file.graph.models[met.relation[0]].fields[met.relation[1]].target or ""
    column, operator = types.split_lookup(met.beyond)
    if given[0] in PREFIXES:
        column, operator = met.beyond, PREFIXES[given[0]]
    elif operator == "exact" and not met.beyond.endswith("__exact"):
        operator = "icontains"
    try:
        found = walk(file, target, column, node)
    except Unsupported:
        return None
    is_text = types.type_of_path(file.graph, target, column) == "str"
    if found.is_multiple or found.related or not is_text or operator not in joins_found.NARROWING:
        return None
    if operator == "in":
        return None
    lookup = found.lookup if operator == "exact" else f"{found.lookup}__{operator}"
    operation = Operation(
        target, "ids", "", (Parameter("", lookup, "str"),), columns=("pk",), is_flat=True
    )
    return Searched(node, met.through, calls.named(file, operation))


def _change(file: SourceFile, its: Searched) -> Change:
    quote = its.node.quote

    def make(_node: cst.CSTNode) -> cst.CSTNode:
        path = cst.Arg(cst.SimpleString(f"{quote}{its.through}{quote}"))
        function = cst.parse_expression(f"{file.client}.{its.operation.name}")
        return calls.call(file, ASKED[1], [path, cst.Arg(function)], None)

    return Change(
        its.node, make, NAME, operations=(its.operation,), imports=(file.client_import, ASKED)
    )
