"""What forms and serializers offer and show: the models they query when validated or written out.

A field over a queryset is ("E", "choice:label,..."), or "choices:" when it holds many; "bound:..."
is a field written out. The first label is the rows' own, the others are those its SQL touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.infer.roles import lookup_order
from codemods.crossings.values import BOUND, UNKNOWN, Type, Value, one, query, reach_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.crossings.infer.walker import Walker

OFFERED = "<offered>"
SHOWN = "<shown>"
FIELD = "field:"


def field(shape: str, rows: Type) -> Type:
    """Return a field that offers rows of a queryset, manager or model."""
    return frozenset(
        ("E", f"{shape}:{','.join((value[1], *reach_of(value)))}")
        for value in rows
        if value[0] in "QGMR"
    )


def labels_of(type_: Type) -> tuple[str, ...]:
    """Return the models that fields of a type query."""
    found: set[str] = set()
    for value in type_:
        if value[0] == "E":
            kind, _, labels = value[1].partition(":")
            if kind in ("choice", "choices", "bound"):
                found.update(labels.split(","))
    return tuple(sorted(found))


def rows(value: Value) -> Type:
    """Return the queryset that a field offers."""
    first, *reach = value[1].partition(":")[2].split(",")
    return query("Q", first, reach)


def bound(labels: Iterable[str]) -> Type:
    """Return what is written out when a field is; unknown when it queries nothing."""
    joined = ",".join(sorted(set(labels)))
    return one("E", BOUND + joined) if joined else UNKNOWN


def tell(walker: Walker, cls: str, labels: Iterable[str], key: str = OFFERED) -> None:
    """Tell that a class offers, or shows, rows of models."""
    walker.facts.tell(bound(labels), "a", cls, key)


def told(walker: Walker, cls: str, key: str = OFFERED) -> tuple[str, ...]:
    """Return the models whose rows a class offers, or shows, as its source tells."""
    found: set[str] = set()
    for owner in lookup_order(walker, cls):
        found.update(labels_of(walker.facts.get("a", owner, key)))
    return tuple(sorted(found))


def offered(walker: Walker, cls: str) -> tuple[str, ...]:
    """Return the models that the fields of a form or serializer offer as choices."""
    known = walker.graph.classes.get(cls)
    names = known.names if known else {}
    seen = {entry[1] for name, entry in names.items() if name.startswith(FIELD)}
    return tuple(sorted(seen | set(told(walker, cls))))


def field_named(walker: Walker, cls: str, name: str) -> Type:
    """Return one field of a form or serializer, if it offers rows."""
    for owner in lookup_order(walker, cls):
        for key in (FIELD + name, name):
            declared = walker.facts.get("a", owner, key)
            if any(labels_of(frozenset((value,))) for value in declared):
                return declared
    known = walker.graph.classes.get(cls)
    entry = known.names.get(FIELD + name) if known else None
    return one("E", f"choice:{entry[1]}") if entry else UNKNOWN
