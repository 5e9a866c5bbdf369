"""Lookups that reach beyond a diverted relation, and which of them the service can give ids for.

Why ids stand for a join exactly: beyond a relation to one row, a condition is true of a row just
when the row's id column holds the id of a row of the service of which it is true. Where there is
no such row it is not true, under `~` and exclude() too, for Django then asks that the column be not
null, of the join's columns as of the id column. Left alone is what is true because a row is missing
(`isnull=True`, a None that is looked up), what a join finds several times, and `|` within them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import types
from codemods.transforms.change import Refusal
from codemods.transforms.conditions import conditions
from codemods.transforms.handing import NULL
from codemods.transforms.joins_given import is_given
from codemods.transforms.links import Unsupported, continues, unroll
from codemods.transforms.lookup_calls import is_or_404, model_of, query_of
from codemods.transforms.prefetch_paths import meeting
from codemods.transforms.shapes import Raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.transforms.conditions import Condition
    from codemods.transforms.links import Link
    from codemods.transforms.prefetch_paths import Meeting
    from codemods.transforms.source import SourceFile

NAME = "joins"
ASKS = frozenset({"filter", "exclude", "get"})
ONCE = frozenset({"exists"})
ALIKE = frozenset({"filter", "exclude", "order_by", "distinct", "all", "count", "exists", "first"})
NARROWING = types.TEXT_LOOKUPS | {"exact", "in"}
IDS = "ask the client for the ids first, and filter by them"
WIDE = "narrow it by a column with few rows to a value, or keep a copy of the column here"
IN_A_FUNCTION = "build the query in a function, where ids can be asked for"


@dataclass(frozen=True, eq=False)
class Join:
    """Arguments of one call that reach beyond one relation: they become one argument.

    `keyword` is what the ids are looked up by, such as "order__user_id__in"; `label` the model of
    the service whose ids they are, and `conditions` those on it, in the order of `args`.
    """

    call: cst.Call
    args: tuple[cst.Arg, ...]
    keyword: str
    label: str
    conditions: tuple[Condition, ...]

    @property
    def is_multiple(self) -> bool:
        """Tell whether a row of the service may be found several times."""
        return any(each.is_multiple for each in self.conditions)


@dataclass
class Found:
    """The joins of a file that ids can stand for, and the lookups that stay."""

    joins: list[Join] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def joins(file: SourceFile) -> Found:
    """Return what the keywords of a file's queries reach beyond diverted relations."""
    found = Found()
    for call in file.find(cst.Call):
        query = query_of(file, call) if any(arg.keyword for arg in call.args) else None
        label = model_of(file, query) if query is not None else None
        if query is None or label is None or file.is_served(label) or not _asks(file, query):
            continue
        for args, met in _beyond(file, label, call).values():
            try:
                found.joins.append(_join(file, label, call, query, args, met))
            except Unsupported as refused:
                found.refusals += [
                    Refusal(arg, NAME, refused.reason, refused.suggestion) for arg in args
                ]
    return found


def _asks(file: SourceFile, query: cst.Call) -> bool:
    is_method = isinstance(query.func, cst.Attribute) and query.func.attr.value in ASKS
    return is_method or is_or_404(file, query)


def reaches(file: SourceFile, met: Meeting) -> bool:
    """Tell whether a path goes on to a column of the row that a relation leads to, not its key."""
    target = file.graph.models[met.relation[0]].fields[met.relation[1]].target
    model = file.graph.models.get(target or "")
    first = met.beyond.partition("__")[0]
    return bool(first) and first not in types.LOOKUPS | {"pk", model.pk if model else ""}


def _beyond(
    file: SourceFile, label: str, call: cst.Call
) -> dict[str, tuple[list[cst.Arg], Meeting]]:
    """Return the keyword arguments that join, by the path up to and with the relation."""
    found: dict[str, tuple[list[cst.Arg], Meeting]] = {}
    for arg in call.args:
        path = arg.keyword.value if arg.keyword else ""
        met = meeting(file.graph, file.relations, label, path) if "__" in path else None
        if met is not None and reaches(file, met):
            found.setdefault(met.through, ([], met))[0].append(arg)
    return found


def _join(
    file: SourceFile,
    label: str,
    call: cst.Call,
    query: cst.Call,
    args: Sequence[cst.Arg],
    met: Meeting,
) -> Join:
    """Return what ids can stand for.

    Raises:
        Unsupported: they cannot, or not for sure.
    """
    _check_place(file, query)
    relation = file.graph.models[met.relation[0]].fields[met.relation[1]]
    cut = len(met.through) + len("__")
    raws = [Raw(_keyword(arg)[cut:], arg.value, arg, is_negated=False, call=0) for arg in args]
    target = relation.target or ""
    asked = conditions(file, target, raws)
    keyword = f"{met.through.removesuffix(relation.name)}{relation.attname}__in"
    join = Join(call, tuple(args), keyword, target, asked)
    _check_call(call, keyword)
    is_negated = _is_negated(file, call, query)
    steps = _steps_before(file, label, met)
    if is_negated and any(steps.values()) and len(args) > 1:
        reason = f"exclude() asks each condition on {met.before} of a row of its own"
        raise Unsupported(args[0], reason, IDS)
    if relation.null or any(steps.values()) or any(_is_null(file, label, met)):
        for condition, raw in zip(asked, raws, strict=True):
            _check_missing(file, condition, raw, met)
    if join.is_multiple:
        _check_multiple(file, join, query, is_negated=is_negated)
    if not any(_is_narrowing(file, target, each) for each in asked):
        reason = f"{_keyword(args[0])} alone may hold of more rows than ids can be sent for"
        raise Unsupported(args[0], reason, WIDE)
    return join


def _keyword(arg: cst.Arg) -> str:
    assert arg.keyword is not None  # noqa: S101  only such arguments are looked at
    return arg.keyword.value


def _steps_before(file: SourceFile, label: str, met: Meeting) -> dict[str, bool]:
    """Map each part of the path before the relation to whether it leads to many rows, or back."""
    found: dict[str, bool] = {}
    here = label
    for part in met.before.split("__") if met.before else ():
        model = file.graph.models[here]
        step = model.fields.get(part)
        reverse = model.query_names.get(part) or model.accessors.get(part)
        found[part] = step is None or step.many
        here = (step.target if step else reverse.model if reverse else "") or ""
    return found


def _is_null(file: SourceFile, label: str, met: Meeting) -> Iterable[bool]:
    """Give for each part before the relation whether its column may be null."""
    here = label
    for part in met.before.split("__") if met.before else ():
        step = file.graph.models[here].fields.get(part)
        if step is None:
            return
        yield step.null
        here = step.target or ""


def _check_place(file: SourceFile, query: cst.Call) -> None:
    """Check that a query is built when it is used, where the service can be asked.

    Raises:
        Unsupported: it is built when the module is loaded, or in a lambda or coroutine.
    """
    inner: cst.CSTNode = query
    around = file.parent(query)
    while around is not None and not isinstance(around, cst.FunctionDef):
        if isinstance(around, (cst.Lambda, cst.ClassDef)):
            what = "a lambda" if isinstance(around, cst.Lambda) else "the body of a class"
            raise Unsupported(query, f"the query is built in {what}", IN_A_FUNCTION)
        inner, around = around, file.parent(around)
    if around is None or inner is not around.body:
        raise Unsupported(query, "the query is built when the module is loaded", IN_A_FUNCTION)
    if around.asynchronous is not None:
        reason = "the client waits for its answer, which a coroutine must not"
        raise Unsupported(query, reason, "ask for the ids in sync_to_async(), and filter by them")
    names = {link.name for link in _links(file, query)}
    if "select_for_update" in names:
        raise Unsupported(query, "select_for_update() locks the joined rows too", IDS)


def _links(file: SourceFile, query: cst.Call) -> tuple[Link, ...]:
    node: cst.BaseExpression = query
    while continues(around := file.parent(node), node) and isinstance(around, cst.BaseExpression):
        node = around
    return unroll(node)[1]


def _check_call(call: cst.Call, keyword: str) -> None:
    if any(arg.star for arg in call.args):
        reason = "further conditions are put together at run time"
        raise Unsupported(call, reason, "name the conditions, one call per set of them")
    if any(arg.keyword is not None and arg.keyword.value == keyword for arg in call.args):
        raise Unsupported(call, f"{keyword} is asked for already", "filter in two steps")


def _is_negated(file: SourceFile, call: cst.Call, query: cst.Call) -> bool:
    """Tell whether an odd number of `~` and exclude() is around the arguments.

    Raises:
        Unsupported: `^` is, which compares truths.
    """
    found = isinstance(query.func, cst.Attribute) and query.func.attr.value == "exclude"
    around = file.parent(call) if call is not query else None
    while around is not None and around is not query:
        if isinstance(around, cst.UnaryOperation):
            found = not found
        if isinstance(around, cst.BinaryOperation) and isinstance(around.operator, cst.BitXor):
            raise Unsupported(call, "conditions are joined by ^", IDS)
        around = file.parent(around)
    return found


def _check_missing(file: SourceFile, condition: Condition, raw: Raw, met: Meeting) -> None:
    """Refuse what is true of a row because it leads to no row of the service."""
    operator = types.split_lookup(raw.lookup)[1]
    is_false = isinstance(raw.value, cst.Name) and raw.value.value == "False"
    if condition.hand == NULL or (operator == "isnull" and not is_false):
        reason = f"{met.through}__{raw.lookup} is true of rows without {met.through} too"
        raise Unsupported(raw.node, reason, "ask for those by the id column, with Q(...) | Q(...)")
    if operator in ("exact", "iexact") and not is_given(file, raw.value):
        reason = f"the value of {met.through}__{raw.lookup} may be None, which finds rows without"
        raise Unsupported(raw.node, reason, "look it up only where it is surely not None")


def _check_multiple(file: SourceFile, join: Join, query: cst.Call, *, is_negated: bool) -> None:
    """Refuse a join with many rows unless finding a row several times makes no difference."""
    names = [link.name for link in _links(file, query)]
    is_one = bool(names) and names[-1] in ONCE
    is_distinct = "distinct" in names and names[-1] in ALIKE - {"distinct", "filter", "exclude"}
    is_plain = set(names) - {"objects"} <= ALIKE
    if is_negated or join.call is not query or not (is_plain and (is_one or is_distinct)):
        reason = f"{_keyword(join.args[0])} finds a row once for each related row"
        raise Unsupported(join.call, reason, "add distinct(), and run the query in place")


def _is_narrowing(file: SourceFile, label: str, condition: Condition) -> bool:
    """Tell whether a condition asks for values, of a column that has more than two."""
    path, operator = types.split_lookup(condition.parameter.lookup)
    return operator in NARROWING and types.type_of_path(file.graph, label, path) != "bool"
