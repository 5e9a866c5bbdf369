"""What an expression may be: abstract values, small tuples so that they hash and travel cheaply.

A type is a frozenset of values; the empty one means unknown. The first element of a value tells
its shape:

    M label          a model class                 C class     a first-party class
    I label          a model instance              O class     an instance of one
    Q label reach ahead  a queryset of instances   F function  a first-party function
    V label reach    rows of values                B function type   a method bound to type
    G label          a manager                     N module    a module
    R label owner field   a related manager        X dotted    anything external
    S type           a sequence                    E dotted    an instance of it
    T types          a tuple                       D type      a dict with such values
    K ((key, type),) a dict with known keys        Y paths reach   lookups of a free Q or F
    Z class type     super() seen from a class     A class     a form's or serializer's data
    W context        a context written             L text      a short string constant
    H type           an external callable that returns it
    P type           rows that travel with a client's value, or what stands for their manager
    U label origin   a client's value of that model; `origin` is the owner and field of the
                     diverted relation it was read through, left out when an operation gave it;
                     or "query" and the place of a query that an operation is supposed to answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = tuple[Any, ...]
Type = frozenset[Value]

UNKNOWN: Type = frozenset()
BOUND = "bound:"
QUERY = "query"
LAZY = ":lazy"
FEW_VALUES = 4
MAX_VALUES = 12
MAX_CLASSES = 40
TRIFLES = frozenset("LXNKSTD")
MAX_DEPTH = 4
REQUEST = ("E", "request")
MAX_REACH = 24


def one(*value: Any) -> Type:
    """Return the type of exactly one value."""
    return frozenset((value,))


def query(shape: str, label: str, reach: Iterable[str] = (), ahead: Iterable[str] = ()) -> Type:
    """Return a queryset, or its rows of values, with the further models its SQL touches.

    `ahead` are those that are only loaded along with its rows, as `select_related` asks: nothing
    reads them that takes no rows.
    """
    further = tuple(sorted({*reach} - {label}))[:MAX_REACH]
    loaded = tuple(sorted({*ahead} - {label, *further}))[:MAX_REACH]
    if loaded:
        return one(shape, label, further, loaded)
    return one(shape, label, further) if further else one(shape, label)


def reach_of(value: Value) -> tuple[str, ...]:
    """Return the models a queryset's SQL touches besides its own when its rows are taken."""
    return (*joined_to(value), *ahead_of(value))


def joined_to(value: Value) -> tuple[str, ...]:
    """Return the models a queryset's SQL touches besides its own whatever is asked of it."""
    return value[2] if value[0] in "QV" and value[2:] else ()


def ahead_of(value: Value) -> tuple[str, ...]:
    """Return the models that are only loaded along with a queryset's rows."""
    return value[3] if value[0] in "QV" and value[3:] else ()


def union(types: Iterable[Type]) -> Type:
    """Return the union, cut to what is worth following."""
    merged = frozenset().union(*types)
    return cut(merged)


def cut(merged: Type) -> Type:
    """Bound a type's size, deterministically, so that every fixed point ends."""
    if len(merged) <= FEW_VALUES:
        return merged
    merged = _merge_queries(merged)
    if len(merged) <= MAX_VALUES:
        return merged
    classes = sorted(value for value in merged if value[0] in "MG")[:MAX_CLASSES]
    kept = [value for value in merged if _has_supposed(value)]
    others = sorted((value for value in merged if value[0] not in "MG"), key=repr)
    return frozenset((*classes, *kept, *others[:MAX_VALUES]))


def _has_supposed(value: Value) -> bool:
    """Tell whether what a query is supposed to give is in a value: no use of it may be missed."""
    if value[0] == "U":
        return value[2:3] == (QUERY,)
    inner = value[1] if value[0] in "SDTP" else ()
    parts = inner if value[0] == "T" else (inner,)
    if value[0] == "K":
        parts = tuple(part for _, part in value[1])
    return any(_has_supposed(each) for part in parts for each in part)


def _merge_queries(merged: Type) -> Type:
    """Make one queryset of those on the same model, touching what any of them touches."""
    reach: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for value in merged:
        if value[0] in "QV":
            joined, ahead = reach.setdefault((value[0], value[1]), (set(), set()))
            joined.update(joined_to(value))
            ahead.update(ahead_of(value))
    bound: set[str] = set()
    rest: set[Value] = set()
    for value in merged:
        if value[0] == "E" and value[1].startswith(BOUND):
            bound.update(value[1][len(BOUND) :].split(","))
        elif value[0] not in "QV":
            rest.add(value)
    if bound:
        rest.add(("E", BOUND + ",".join(sorted(bound))))
    return frozenset(rest).union(*(query(*key, *further) for key, further in reach.items()))


def widened(type_: Type, reach: Iterable[str], ahead: Iterable[str] = ()) -> Type:
    """Add to the querysets of a type the models that their SQL touches besides."""
    found: set[Value] = set()
    for value in type_:
        if value[0] in "QV":
            joined, loaded = {*reach, *joined_to(value)}, {*ahead, *ahead_of(value)}
            found |= query(value[0], value[1], joined, loaded)
        else:
            found.add(value)
    return frozenset(found)


def reach_in(type_: Type) -> set[str]:
    """Return the further models that any queryset of a type touches."""
    return {label for value in type_ for label in reach_of(value)}


def without(type_: Type, dropped: set[str]) -> Type:
    """Drop models from what the querysets of a type touch besides their own."""
    if not dropped:
        return type_
    found: set[Value] = set()
    for value in type_:
        if value[0] in "QV":
            joined, loaded = {*joined_to(value)} - dropped, {*ahead_of(value)} - dropped
            found |= query(value[0], value[1], joined, loaded)
        else:
            found.add(value)
    return frozenset(found)


def narrowed(type_: Type, declared: Iterable[str], actual: Iterable[str]) -> Type:
    """Drop models that only other callers bring: those `declared` for all, but not of this call."""
    kept = frozenset(actual)
    dropped = frozenset(declared) - kept
    if not kept or not dropped:
        return type_
    found: set[Value] = set()
    for value in type_:
        shape = value[0]
        if shape in "SD":
            if inner := narrowed(value[1], declared, kept):
                found.add((shape, inner))
        elif shape == "T":
            found.add((shape, tuple(narrowed(part, declared, kept) for part in value[1])))
        elif shape == "K":
            pairs = ((name, narrowed(inner, declared, kept)) for name, inner in value[1])
            found.add((shape, tuple((name, inner) for name, inner in pairs if inner)))
        elif shape not in "IQVGRU" or value[1] not in dropped or value[2:3] == (QUERY,):
            found.add(value)
    return frozenset(found)


def worth_telling(type_: Type) -> Type:
    """Drop what no other file can use: texts, settings, modules, and containers of only those."""
    if not any(value[0] in TRIFLES for value in type_):
        return type_
    found: set[Value] = set()
    for value in type_:
        shape = value[0]
        if shape in "SD":
            if inner := worth_telling(value[1]):
                found.add((shape, inner))
        elif shape == "T":
            parts = tuple(worth_telling(part) for part in value[1])
            if any(parts):
                found.add((shape, parts))
        elif shape == "K":
            pairs = tuple(
                (name, part) for name, inner in value[1] if (part := worth_telling(inner))
            )
            if pairs:
                found.add((shape, pairs))
        elif shape not in "LXN":
            found.add(value)
    return frozenset(found)


def sequence(item: Type) -> Type:
    """Return a sequence of `item`; unknown when nested too deep."""
    if not item or depth(item) >= MAX_DEPTH:
        return UNKNOWN
    return one("S", item)


def depth(item: Type) -> int:
    """Return how deep containers nest."""
    deepest = 0
    for value in item:
        if value[0] in "SD":
            deepest = max(deepest, 1 + depth(value[1]))
        elif value[0] in "TK":
            inner = value[1] if value[0] == "T" else [pair[1] for pair in value[1]]
            deepest = max([deepest, *(1 + depth(part) for part in inner)])
        elif value[0] in "BZ":
            deepest = max(deepest, 1 + depth(value[2]))
    return deepest


def elements(container: Type) -> Type:
    """Return what iterating yields."""
    found: set[Value] = set()
    for value in container:
        shape = value[0]
        if shape in "QR":
            found.add(("I", value[1]))
        elif shape in "SP":
            found |= value[1]
        elif shape == "T":
            for part in value[1]:
                found |= part
    return cut(frozenset(found))


def labels(type_: Type, shapes: str = "IQVGR") -> list[str]:
    """Return the labels of the models behind a type, sorted."""
    return sorted({value[1] for value in type_ if value[0] in shapes})
