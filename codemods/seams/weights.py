"""What each kind of crossing costs to cut, in points; one point is one read that is rewritten.

The points order contexts; they are no estimate of days. They follow what the way out takes:

- a mechanical rewrite costs little and is reviewed, not written: reads, prefetches;
- a change of meaning costs a decision: a write over the network may fail halfway, a join becomes
  two queries, a form or an admin page loses its model;
- a transaction over two contexts has no counterpart at all: it becomes a saga or an outbox, with
  states that no user could see before;
- what two contexts do to each other cannot be cut one side at a time, so each such pair counts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds of crossing that are cut in the same way. `advice` is what to do about them.

    `points` is the cost of one; `singular` and `plural` are its names in a sentence.
    """

    name: str
    points: float
    kinds: tuple[str, ...]
    singular: str
    plural: str
    advice: str


GROUPS: tuple[Group, ...] = (
    Group(
        "transactions", 15, ("transaction",),
        "transaction over several contexts", "transactions over several contexts",
        "decide first on an outbox or a saga",
    ),
    Group(
        "inheritance", 8, ("inheritance",), "inherited class", "inherited classes",
        "copy what is inherited, so that each side owns its table",
    ),
    Group(
        "joins", 5, ("join", "annotation", "raw-sql"), "join", "joins",
        "split each into a call for ids and a local query, or keep a copy of the columns",
    ),
    Group(
        "writes", 4, ("query-write", "instance-write", "attribute-write", "construct", "cascade"),
        "write", "writes",
        "turn each into an operation of the context that owns the rows",
    ),
    Group(
        "machinery", 3, ("admin", "form", "serializer", "filterset", "view", "signal"),
        "page, form, serializer or signal", "pages, forms, serializers and signals",
        "move them to the owner, or feed them values",
    ),
    Group(
        "schema", 2, ("relation-field",), "relation field", "relation fields",
        "turn them into plain id columns",
    ),
    Group(
        "unseen reads", 2, ("evaluate", "library", "template"),
        "read outside plain code", "reads outside plain code",
        "pass values instead of querysets and instances to templates and libraries",
    ),
    Group(
        "reads", 1,
        (
            "query", "get-model", "relation", "reverse-relation", "many-to-many",
            "generic-relation", "attribute", "method", "prefetch", "call", "task",
        ),
        "read", "reads",
        "let the rewrite turn them into client calls",
    ),
    Group("keys", 0.2, ("key",), "id column used", "id columns used", "they stay as they are"),
    # Said once more by whatever uses the import; the migration goes when the relation field does.
    Group("imports", 0, ("import", "migration"), "import", "imports", "they go with their uses"),
)  # fmt: skip

GROUP_OF: dict[str, Group] = {kind: group for group in GROUPS for kind in group.kinds}

# A crossing that the source only hints at may not exist.
LOW_CONFIDENCE = 0.5

# Each context with crossings both ways: neither side can leave without calling the other back.
MUTUAL_POINTS = 5.0

# Per doubling of the statements that crossed in the trace. A suite's counts tell orders of
# magnitude at best, and what is batched once is batched however often it runs: hence the logarithm.
TRAFFIC_POINTS = 2.0
