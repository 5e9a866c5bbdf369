"""A saga to start from, in place of a transaction that writes several contexts.

The steps run in order, each in a transaction of its own; when one fails, those before it are undone
in reverse. Where a crash between two steps must not lose the rest, record the saga's row in the
first step's transaction and let a worker carry on from it
(https://microservices.io/patterns/data/saga.html).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.crossings.crossing import Crossing

OVER = "atomic over "
TEMPLATE = '''"""{function} without one transaction over {contexts}: a step for each.

A start, made from {path}:{line} by `codemods rewrite`; it is yours to edit. Every step and every
undoing may run twice, so each must leave things as one run does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, Tuple


@dataclass
class State:
    """What the steps pass on: ids and amounts, never instances."""


{steps}
STEPS: List[Tuple[Callable[[State], None], Callable[[State], None]]] = [
{table}
]


def run(state: State) -> None:
    """Run every step; when one fails, undo those before it, the last first, and raise."""
    undoings: List[Callable[[State], None]] = []
    try:
        for step, undo in STEPS:
            undoings.append(undo)
            step(state)
    except Exception:
        for undo in reversed(undoings):
            undo(state)
        raise
'''
STEP = '''def write_{name}(state: State) -> None:
    """Write {context}, in one transaction of its own."""
{what}    raise NotImplementedError


def undo_{name}(state: State) -> None:
    """Take back what `write_{name}` did, as far as it did it."""
    raise NotImplementedError


'''
FEW = 6


def stub(crossings: Sequence[Crossing], place: str) -> str:
    """Return a saga's text for the transaction at "path:line".

    Raises:
        CodemodsError: no listed transaction is there.
    """
    found = [c for c in crossings if c.kind == "transaction"]
    block = next((c for c in found if place in (f"{c.path}:{c.line}", c.path)), None)
    if block is None:
        known = ", ".join(sorted({f"{c.path}:{c.line}" for c in found})) or "none"
        raise CodemodsError(
            f"--saga {place!r}: no transaction over several contexts is listed there."
            f" Listed: {known}."
        )
    contexts = sorted({*block.expression.removeprefix(OVER).split(", "), block.source})
    contexts.sort(key=lambda name: name != block.source)
    return TEMPLATE.format(
        function=block.function,
        contexts=", ".join(contexts),
        path=block.path,
        line=block.line,
        steps="".join(_step(name, block, crossings) for name in contexts),
        table="\n".join(f"    (write_{_word(name)}, undo_{_word(name)})," for name in contexts),
    )


def _step(context: str, block: Crossing, crossings: Iterable[Crossing]) -> str:
    writes = [
        f"    # at line {c.line}: {c.expression}\n"
        for c in crossings
        if (c.path, c.function, c.target) == (block.path, block.function, context)
        and c.access == "write"
    ]
    return STEP.format(name=_word(context), context=context, what="".join(writes[:FEW]))


def _word(context: str) -> str:
    return re.sub(r"\W", "_", context)
