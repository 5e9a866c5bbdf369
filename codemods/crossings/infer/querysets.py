"""Calls on managers and querysets: what comes back, what is read or written, which lookups join."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings import lookups, walks
from codemods.crossings.cascades import deleted_with
from codemods.crossings.infer import diverted, implied
from codemods.crossings.values import (
    UNKNOWN,
    Type,
    Value,
    ahead_of,
    joined_to,
    one,
    query,
    sequence,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

SAME = frozenset(
    {
        "filter", "exclude", "all", "order_by", "distinct", "select_related", "prefetch_related",
        "annotate", "alias", "using", "only", "defer", "reverse", "none", "select_for_update",
        "union", "intersection", "difference", "extra", "complex_filter", "iterator", "aiterator",
        "get_queryset", "db_manager", "get_query_set", "raw", "with_hints", "_clone", "_chain",
    }
)  # fmt: skip
ROW = frozenset({"get", "first", "last", "earliest", "latest", "create", "get_by_natural_key"})
PAIR = frozenset({"get_or_create", "update_or_create"})
VALUES = frozenset({"values", "values_list", "dates", "datetimes"})
LISTS = frozenset({"bulk_create"})
SCALAR = frozenset(
    {"count", "exists", "aggregate", "contains", "explain", "update", "delete", "bulk_update"}
)
LINKS = frozenset({"add", "remove", "set", "clear"})
WRITES = frozenset({"create", "update", "delete", "bulk_create", "bulk_update"}) | PAIR
MAKES = PAIR | {"create"}
COMPUTES = frozenset({"annotate", "alias"})
SETS_UP = COMPUTES | {"select_related", "prefetch_related", "only", "defer"}
BATCH = "batch"  # a prefetch that makes a query of its own for each relation
PATHS = {
    "order_by": "join", "values": "join", "values_list": "join", "distinct": "join",
    "select_related": "prefetch", "prefetch_related": BATCH,
    "only": "prefetch", "defer": "prefetch",
    "earliest": "join", "latest": "join", "dates": "join", "datetimes": "join",
    "annotate": "annotation", "alias": "annotation", "aggregate": "annotation",
}  # fmt: skip
KNOWN = SAME | ROW | PAIR | VALUES | LISTS | SCALAR | LINKS | {"in_bulk"}
FRAMEWORK_KEYWORDS = frozenset(
    {"defaults", "create_defaults", "flat", "named", "using", "batch_size"}
)


def call(
    walker: Walker,
    value: Value,
    name: str,
    node: ast.Call,
    reached: frozenset[str] = frozenset(),
    loaded: frozenset[str] = frozenset(),
) -> Type | None:
    """Return what a manager's or queryset's own method gives; None when it is not Django's.

    `reached` and `loaded` are the models its arguments reach, from `read_arguments`.
    """
    method = name[1:] if name[0] == "a" and name[1:] in KNOWN else name
    if method not in KNOWN:
        return None
    label = value[1]
    is_write = method in WRITES or (method in LINKS and value[0] == "R")
    if method in LINKS and value[0] != "R":
        return None
    record(walker, value, node, is_write=is_write)
    if method in LINKS:
        for argument in node.args:
            walker.hands(argument, "escaping")
            diverted.linked(walker, walker.known(argument), argument)
    joined, ahead = {*joined_to(value), *reached}, {*ahead_of(value), *loaded}
    if method in WRITES:
        implied.written(walker, label, node)
    if ahead and _names_annotation(walker, label, node):
        joined |= ahead
    ahead |= implied.parents(walker, label)
    if method not in SAME and method not in VALUES:
        runs(walker, value, node, joined if method in SCALAR else joined | ahead)
    if method == "delete":
        cascade(walker, label, node)
    links = linked(walker, value)
    walker.frames[-1].joined |= {*reached, *loaded, *links}
    return _result(value, method, joined | links, ahead)


def _names_annotation(walker: Walker, label: str, node: ast.Call) -> bool:
    """Tell whether a call may name what was annotated: something that is no field of the model."""
    model = walker.graph.models.get(label)
    if model is None or getattr(node.func, "attr", "") in SETS_UP:
        return model is None
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    inside = [each for part in given for each in ast.walk(part) if isinstance(each, ast.Call)]
    texts = [str(keyword.arg) for each in (node, *inside) for keyword in each.keywords]
    for each in (node, *inside):
        texts += [str(part.value) for part in each.args if isinstance(part, ast.Constant)]
    heads = {text.lstrip("-").partition("__")[0] for text in texts} - FRAMEWORK_KEYWORDS
    return bool(heads - {"pk", *model.fields, *model.attnames, *model.query_names})


def linked(walker: Walker, value: Value) -> set[str]:
    """Return the link table behind a related manager, if there is one."""
    through = lookups.link_table(walker.graph, value[2], value[3]) if value[0] == "R" else None
    return {through} if through else set()


def runs(walker: Walker, value: Value, node: ast.AST, touched: set[str]) -> None:
    """Record that a queryset's SQL runs here on the further models it was built to touch."""
    for label in sorted(touched - {value[1]}):
        if walker.found.is_foreign(label) and not walker.found.has(node, label):
            walker.emit("evaluate", node, label)


def cascade(walker: Walker, label: str, node: ast.AST) -> None:
    """Record what a delete does to rows of other contexts."""
    for other in deleted_with(walker.graph, label):
        walker.wrote(other)
        if _owner(walker, other) != _owner(walker, label) and not walker.found.has(node, other):
            walker.emit("cascade", node, other, access="write")


def record(walker: Walker, value: Value, node: ast.Call, *, is_write: bool) -> None:
    """Record a query on another context's model, as one crossing with the chain it belongs to."""
    label = value[1]
    access = "write" if is_write else "read"
    kind = "query-write" if is_write else "query"
    if is_write:
        walker.wrote(label)
    if walker.found.is_foreign(label) and not walker.found.extend(
        node, label, access=access, kind=kind if is_write else ""
    ):
        walker.emit(kind, node, label, access=access)


def _result(value: Value, method: str, reach: set[str], ahead: set[str]) -> Type:
    label = value[1]
    if method in SAME:
        return query("V" if value[0] == "V" else "Q", label, reach, ahead)
    if method in ROW:
        return UNKNOWN if value[0] == "V" else one("I", label)
    if method in PAIR:
        return one("T", (one("I", label), UNKNOWN))
    if method in VALUES:
        return query("V", label, reach)
    if method in LISTS:
        return sequence(one("I", label))
    if method == "in_bulk":
        return one("D", one("I", label))
    return UNKNOWN


def read_arguments(
    walker: Walker, labels: tuple[str, ...], name: str, node: ast.Call
) -> tuple[frozenset[str], frozenset[str]]:
    """Read a query's arguments, resolving their lookups against the models it starts from.

    Returns the models that those lookups reach: those its SQL touches whatever is asked of it, and
    those only when its rows are taken, being loaded along with them or computed for each.
    """
    method = name[1:] if name[0] == "a" and name[1:] in KNOWN else name
    kind = PATHS.get(method, "join")
    walker.lookup_bases.append(labels)
    walker.lookup_kinds.append(kind)
    outer, walker.reached = (walker.reached, walker.computed), set()
    walker.computed = set()
    reached: set[str] = set()
    _read_implied(walker, labels, method, node)
    for argument in node.args:
        if (
            method in PATHS
            and isinstance(argument, ast.Constant)
            and isinstance(argument.value, str)
        ):
            for label in labels:
                path(walker, label, argument.value, argument, kind, how=method)
            continue
        type_ = walker.eval(argument)
        diverted.rows_misused(walker, type_, argument)
        reached |= _nested(type_)
        _free(walker, labels, type_, kind, argument)
    for keyword in node.keywords:
        type_ = walker.eval(keyword.value)
        diverted.rows_misused(walker, type_, keyword.value)
        reached |= _nested(type_)
        _free(walker, labels, type_, kind, keyword.value)
        _made(walker, labels if method in MAKES else (), keyword, type_)
        walks.given(walker, labels, method, keyword, type_)
        if keyword.arg is None:
            reached |= _spread(walker, labels, keyword.value, type_)
        elif kind == "join" and keyword.arg not in FRAMEWORK_KEYWORDS:
            is_write = method in WRITES
            for label in labels:
                path(walker, label, keyword.arg, keyword, kind, is_write=is_write)
        elif keyword.arg == "defaults":
            _spread(walker, labels, keyword.value, type_)
        if keyword.arg == "of" and method == "select_for_update":
            _locked(walker, labels, keyword.value)
    walker.lookup_bases.pop()
    walker.lookup_kinds.pop()
    joined, loaded = reached | walker.reached, walker.computed
    walker.reached, walker.computed = outer
    return _when_asked(method, kind, joined, loaded)


def _read_implied(walker: Walker, labels: tuple[str, ...], method: str, node: ast.Call) -> None:
    """Read `select_related()`, which names nothing and loads all that its rows must refer to."""
    if method == "select_related" and not node.args and not node.keywords:
        for label in labels:
            for lookup in implied.referred_to(walker, label):
                path(walker, label, lookup, node, "prefetch", how=method)


def _when_asked(
    method: str, kind: str, joined: set[str], loaded: set[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Part what a method's arguments reach: touched in any case, or only when rows are taken."""
    if kind in ("prefetch", BATCH):
        return frozenset(), frozenset(joined | loaded)
    if method not in COMPUTES:
        return frozenset(joined | loaded), frozenset()
    return frozenset(joined), frozenset(loaded)


def _made(walker: Walker, labels: tuple[str, ...], keyword: ast.keyword, type_: Type) -> None:
    """Take note of what a relation of rows that are made is given."""
    for label in labels:
        field = walker.graph.models[label].fields.get(keyword.arg or "")
        if field and field.target and _owner(walker, label) == _owner(walker, field.target):
            walker.hands(keyword.value, "escaping")  # a relation that is never diverted
    diverted.handed(walker, labels, keyword.arg, type_, keyword.value)


def _nested(type_: Type) -> set[str]:
    """Return the models of querysets given as arguments: their SQL becomes part of this one's.

    Not what they would load along with their rows: Django selects only a column of a subquery.
    https://github.com/django/django/blob/5.2/django/db/models/lookups.py (In.get_prep_lookup)
    """
    return {label for v in type_ if v[0] in "QV" for label in (v[1], *joined_to(v))}


def _locked(walker: Walker, labels: tuple[str, ...], node: ast.expr) -> None:
    """Read `select_for_update(of=("self", "order"))`: the rows of a relation are locked too."""
    for constant in ast.walk(node):
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
            for label in labels:
                path(walker, label, constant.value, constant, "prefetch", how="select_for_update")


def _spread(walker: Walker, labels: tuple[str, ...], node: ast.expr, type_: Type) -> set[str]:
    """Read lookups given as a dict; return the models of the querysets in it."""
    places: dict[str, ast.expr] = {}
    if isinstance(node, ast.Dict):
        keys = (key for key in node.keys if isinstance(key, ast.Constant))
        places = {key.value: key for key in keys if isinstance(key.value, str)}
    pairs = [pair for value in type_ if value[0] == "K" for pair in value[1]]
    places |= {name: node for name, _ in pairs if name not in places}
    for name, place in places.items():
        for label in labels:
            path(walker, label, name, place, "join")
    return set().union(*(_nested(inner) for _, inner in pairs))


def _free(walker: Walker, labels: tuple[str, ...], type_: Type, kind: str, node: ast.expr) -> None:
    """Resolve the lookups of a Q or F built before its query was known.

    They are recorded where they stand, or where they are used when another file built them.
    """
    for value in type_:
        if value[0] == "Y":
            walker.reached.update(value[2])
            for text, source, line, column, end_line, end_column in value[1]:
                place: ast.expr = node
                if source == walker.source.path:
                    place = ast.Constant(
                        value=text, lineno=line, col_offset=column,
                        end_lineno=end_line, end_col_offset=end_column,
                    )  # fmt: skip
                for label in labels:
                    path(walker, label, text, place, kind)


def path(
    walker: Walker,
    label: str,
    text: str,
    node: ast.AST,
    kind: str,
    *,
    is_write: bool = False,
    how: str = "",
) -> None:
    """Record each model of another context that a lookup reaches from `label`.

    `how` is the method it is given to, where that is known.
    """
    walks.tell(walker, label, text, node, how or kind)
    is_batch, kind = kind == BATCH, "prefetch" if kind == BATCH else kind
    for step in lookups.steps(walker.graph, label, text):
        if is_batch and is_served(walker, step):
            return  # one call of the client for all rows; what lies behind travels with the values
        joins = step.joins or kind in ("prefetch", "annotation")
        if joins:
            walker.reached.add(step.target)
        if step.through:  # a link table is joined even when only the key in it is asked for
            walker.reached.add(step.through)
            if not (joins and walker.found.is_foreign(step.target)):
                walker.emit(kind, node, step.through)
        access = "write" if is_write else "read"
        found = kind if joins else "key"
        walker.emit(found, node, step.target, access=access)
        if joins and _owner(walker, step.origin) != _owner(walker, step.target):
            walker.emit(found, node, step.origin, access=access)


def is_served(walker: Walker, step: lookups.Step) -> bool:
    """Tell whether a relation is diverted: its rows are the client's values."""
    field = walker.graph.models[step.origin].fields.get(step.field)
    return field is not None and field.service is not None


def _owner(walker: Walker, label: str) -> str:
    return walker.contexts.of_label(label)


def expression(walker: Walker, dotted: str, node: ast.Call) -> Type:
    """Read `Q(...)`, `F(...)`, `Count(...)` and their like, free or inside a query."""
    name = dotted.rpartition(".")[2]
    texts, inner, reach = _lookups_of(walker, name, node)
    if name == "OuterRef":
        return UNKNOWN
    if walker.lookup_bases:
        kind = BATCH if name == "Prefetch" else walker.lookup_kinds[-1]
        for text, place in texts:
            for label in walker.lookup_bases[-1]:
                path(walker, label, text, place, kind, how=_how(name, node))
        walks.tell_inner(walker, walker.lookup_bases[-1], inner, kind)
        walker.computed |= reach
        return UNKNOWN
    places = [
        (text, walker.source.path, p.lineno, p.col_offset, p.end_lineno, p.end_col_offset)  # type: ignore[attr-defined]
        for text, p in texts
    ]
    merged = [*places, *(entry for value in inner for entry in value[1])]
    reach |= {label for value in inner for label in value[2]}
    return one("Y", tuple(merged[:40]), tuple(sorted(reach))) if merged or reach else UNKNOWN


def _how(name: str, node: ast.Call) -> str:
    if name != "Prefetch":
        return ""
    has_query = len(node.args) > 1 or any(k.arg == "queryset" for k in node.keywords)
    return "Prefetch" if has_query else "prefetch_related"


def _lookups_of(
    walker: Walker, name: str, node: ast.Call
) -> tuple[list[tuple[str, ast.AST]], list[Value], set[str]]:
    """Return an expression's own lookups with their places, and what it was given ready-made.

    The third are the models of the querysets in it.
    """
    texts: list[tuple[str, ast.AST]] = []
    inner: list[Value] = []
    reach: set[str] = set()
    for argument in node.args:
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            type_ = walker.eval(argument)
            reach |= _nested(type_)
            inner += [v for v in type_ if v[0] == "Y"]
        elif name != "Value":
            texts.append((argument.value, argument))
    for keyword in node.keywords:
        type_ = walker.eval(keyword.value)
        reach |= _nested(type_)
        if name == "Prefetch":  # its queryset's rows are taken
            reach |= {label for v in type_ for label in ahead_of(v)}
        inner += [v for v in type_ if v[0] == "Y"]
        if name in ("Q", "When") and keyword.arg not in ("then", "condition"):
            if keyword.arg:
                texts.append((keyword.arg, keyword))
            elif isinstance(keyword.value, ast.Dict):
                _spread_free(keyword.value, texts)
        elif keyword.arg == "expression" and isinstance(keyword.value, ast.Constant):
            texts.append((str(keyword.value.value), keyword.value))
    return texts, inner, reach


def _spread_free(node: ast.Dict, texts: list[tuple[str, ast.AST]]) -> None:
    texts += [
        (key.value, key)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    ]
