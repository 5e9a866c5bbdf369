"""Read a model's constants, such as its choices, from the client's value class.

`Order.Status.PAID` becomes `client.Order.Status.PAID`: the class of choices, or the plain literal,
stands in the value class as it stands in the model's, so nothing is asked at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import nouns
from codemods.transforms.change import Change, Proposal
from codemods.transforms.links import imports_behind

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

ORDER = 60
NAME = "constants"


def propose(file: SourceFile) -> Proposal:
    """Propose the value class in place of the model wherever one of its constants is read."""
    proposal = Proposal()
    for node in file.find(cst.Attribute):
        value = file.certain(node.value)
        if value is None or value[0] != "M" or not file.is_served(value[1]):
            continue
        label, name = value[1], node.attr.value
        if (label, name) not in file.constants:
            continue
        proposal.changes.append(_change(file, node, label, name))
    return proposal


def _change(file: SourceFile, node: cst.Attribute, label: str, name: str) -> Change:
    noun = nouns.nouns_of_service(file.graph, file.contexts, file.service)[label]

    def make(current: cst.CSTNode) -> cst.CSTNode:
        value = cst.Attribute(cst.Name(file.client), cst.Name(noun.value))
        return current.with_deep_changes(current, value=value)

    return Change(
        node,
        make,
        NAME,
        needs=((label, name),),
        imports=(file.client_import,),
        unused=imports_behind(file, node.value),
    )
