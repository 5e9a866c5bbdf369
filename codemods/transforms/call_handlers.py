"""Handlers around calls of the service's functions: they may catch the client's classes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.error_classes import failures_of
from codemods.transforms import handlers

if TYPE_CHECKING:
    from codemods.contract.functions import Functions
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

NAME = "call"


def catch(file: SourceFile, functions: Functions, proposal: Proposal, left: set[cst.Call]) -> None:
    """Let handlers catch the client's classes where nothing but such calls is tried."""
    for tried in file.find(cst.Try):
        its = [each for each in proposal.changes if file.is_within(each.node, tried.body)]
        is_alone = len(tried.body.body) == 1 and isinstance(
            tried.body.body[0], cst.SimpleStatementLine
        )
        if not its or not is_alone or any(file.is_within(each, tried.body) for each in left):
            continue
        operations = [operation for each in its for operation in each.operations]
        names = {each.origin: each.name for each in failures_of(functions, operations)}
        renamed = [
            (node, names[found[1]])
            for handler in tried.handlers
            for node in handlers.caught(handler)
            if (found := file.certain(node)) is not None and found[0] == "C" and found[1] in names
        ]
        line, column = file.span(tried)[:2]
        group = f"{file.path}:{line}:{column}:{NAME}" * bool(renamed)
        for place, change in enumerate(proposal.changes):
            if change in its and group:
                proposal.changes[place] = replace(change, group=group)
        proposal.changes += [
            handlers.catching(file, node, name, NAME, group) for node, name in renamed
        ]
