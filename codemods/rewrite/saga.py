"""A saga to start from, in place of a transaction that writes several contexts.

It stands on `strangler.client.saga`, which notes each step, undoes those before one that fails, and
goes on after a crash. What is made holds a step for each context, with what the transaction wrote
of it; what a step does is for a person to fill in
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

A start, made from {path}:{line} by `codemods rewrite`; it is yours to edit.
Call `{constant}.run` in no transaction. Each step is a transaction of its own, and may be called
again where it is not known whether it was done: let each write another service by one call of a
client, to a function that does its work once for its key (`strangler.client.idempotency.effects`).
Put steps that may be refused before those that are hard to undo, and mark the one after which there
is no way back by `pivot=True`.
"""

from __future__ import annotations

from strangler.client.saga.definition import Data, Saga, Step


{steps}{constant} = Saga(
    "{saga}",
    [
{table}
    ],
)
'''
STEP = '''def write_{name}(data: Data) -> Data:
    """Write {context}, in one transaction of its own; return what later steps must know."""
{what}    raise NotImplementedError


def undo_{name}(data: Data) -> None:
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
    saga = _word(block.function.rpartition(".")[2]).strip("_")
    return TEMPLATE.format(
        function=block.function,
        saga=saga,
        constant=saga.upper(),
        contexts=", ".join(contexts),
        path=block.path,
        line=block.line,
        steps="".join(_step(name, block, crossings) for name in contexts),
        table="\n".join(_row(name, is_local=name == block.source) for name in contexts),
    )


def _step(context: str, block: Crossing, crossings: Iterable[Crossing]) -> str:
    writes = [
        f"    # at line {c.line}: {c.expression}\n"
        for c in crossings
        if (c.path, c.function, c.target) == (block.path, block.function, context)
        and c.access == "write"
    ]
    return STEP.format(name=_word(context), context=context, what="".join(writes[:FEW]))


def _row(context: str, *, is_local: bool) -> str:
    name = _word(context)
    local = ", is_local=True" * is_local
    return f'        Step("{name}", write_{name}, undo_{name}{local}),'


def _word(context: str) -> str:
    return re.sub(r"\W", "_", context)
