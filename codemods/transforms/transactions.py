"""Whether code runs in a transaction, which a call of another service is no part of.

With ATOMIC_REQUESTS every view is one, and so is all that a view may call: only commands and tasks
begin outside of a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import Unsupported, qualified

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

ATOMIC = "django.db.transaction.atomic"
NOT_ATOMIC = "django.db.transaction.non_atomic_requests"
COMMANDS = "/management/commands/"
TASKS = frozenset({"task", "shared_task", "periodic_task", "db_task", "job", "actor"})
OUTBOX = "write here and tell the service by an outbox, or make it a saga"


def check_outside(file: SourceFile, node: cst.CSTNode) -> None:
    """Check that a write is in no transaction, as far as its file and the settings show.

    Raises:
        Unsupported: it is, or may be: what the call writes would not be undone with the rest.
    """
    begins_here = COMMANDS in f"/{file.path}"
    around = file.parent(node)
    while around is not None:
        marks: list[cst.BaseExpression] = []
        if isinstance(around, cst.With):
            marks = [item.item for item in around.items]
        elif isinstance(around, cst.FunctionDef):
            marks = [decorator.decorator for decorator in around.decorators]
            begins_here = begins_here or any(_begins(file, mark) for mark in marks)
        if any(ATOMIC in _names(file, mark) for mark in marks):
            raise Unsupported(node, "a transaction that spans contexts writes it", OUTBOX)
        around = file.parent(around)
    if file.graph.atomic_requests and not begins_here:
        reason = "ATOMIC_REQUESTS makes one transaction of the request that writes it"
        raise Unsupported(node, reason, OUTBOX)


def _begins(file: SourceFile, mark: cst.BaseExpression) -> bool:
    """Tell whether a decorator says that a function begins outside of a request's transaction."""
    names = _names(file, mark)
    return NOT_ATOMIC in names or any(name.rpartition(".")[2] in TASKS for name in names)


def _names(file: SourceFile, mark: cst.BaseExpression) -> frozenset[str]:
    return qualified(file, mark.func if isinstance(mark, cst.Call) else mark)
