"""What becomes of each path of one chain: which are kept, cut at a relation, or moved.

Pure: a chain's links go in, a `Plan` of edits by link comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import folding
from codemods.transforms.chain_edits import Edit, links, method, receiver, text
from codemods.transforms.links import Unsupported
from codemods.transforms.prefetch_paths import Meeting, meeting

if TYPE_CHECKING:
    from codemods.transforms.relations import Relation
    from codemods.transforms.source import SourceFile

FOLLOWED = frozenset({"all", "select_related", "prefetch_related", "only", "defer", "order_by"})
Meetings = list[Meeting | None]


@dataclass
class Plan:
    """What one chain becomes.

    `edits` are the new arguments of links, `moved` the paths that leave each select_related, and
    `met` the relations beyond which each prefetch_related goes. `refused` are the links left alone
    with the reason, `blocked` the relations that can then not be diverted, each with the reason.
    `unused` are statements that only built a queryset which is not asked for any more. `carried`
    are the relations to many that are loaded ahead beyond the service's own rows: such rows travel
    with the values.
    """

    edits: dict[cst.Call, list[Edit]] = field(default_factory=dict)
    moved: dict[cst.Call, list[str]] = field(default_factory=dict)
    met: dict[cst.Call, list[Relation]] = field(default_factory=dict)
    refused: list[tuple[cst.Call, str]] = field(default_factory=list)
    blocked: dict[Relation, str] = field(default_factory=dict)
    unused: list[cst.SimpleStatementLine] = field(default_factory=list)
    carried: set[Relation] = field(default_factory=set)


class NotAlikeError(Exception):
    """The models that a queryset may be of do not agree on what a path is."""


def labels_of(file: SourceFile, call: cst.Call) -> tuple[str, ...]:
    """Return the models outside the service whose querysets a link is called on; () if unsure."""
    base = receiver(call)
    if base is None or file.span(base) in file.guessed:
        return ()
    type_ = file.type_of(base)
    if not type_ or any(value[0] not in "QGR" for value in type_):
        return ()
    found = tuple(sorted({value[1] for value in type_}))
    return () if any(file.is_served(label) for label in found) else found


def plan(file: SourceFile, chain: list[cst.Call]) -> Plan:
    """Say what becomes of a chain's paths."""
    made = Plan()
    for call in chain:
        read = READERS.get(method(call))
        if read is not None and (labels := labels_of(file, call)):
            try:
                read(file, labels, call, made)
            except NotAlikeError:
                made.refused.append((call, "the models it may be called on differ in these paths"))
    return made


def _met(file: SourceFile, labels: tuple[str, ...], path: str) -> Meeting | None:
    found = [meeting(file.graph, file.relations, label, path) for label in labels]
    shapes = {(one.before, one.through, one.beyond) if one else None for one in found}
    if len(shapes) > 1:
        raise NotAlikeError
    return found[0]


def _paths(file: SourceFile, labels: tuple[str, ...], call: cst.Call) -> Meetings:
    """Return where each argument meets a diverted relation, None for those that do not."""
    return [
        _met(file, labels, path) if (path := text(arg.value)) is not None else None
        for arg in call.args
    ]


def _select(file: SourceFile, labels: tuple[str, ...], call: cst.Call, made: Plan) -> None:
    if not call.args:
        _select_all(file, labels, call, made)
        return
    met = _paths(file, labels, call)
    kept = [text(arg.value) for arg, one in zip(call.args, met, strict=True) if one is None]
    edits: list[Edit] = []
    moved: list[str] = []
    for index, one in enumerate(met):
        if one is None:
            edits.append(index)
            continue
        if one.through not in moved:
            moved.append(one.through)
        if one.before and not any(
            path == one.before or str(path).startswith(f"{one.before}__") for path in kept
        ):
            kept.append(one.before)
            edits.append((index, one.before))
    if moved:
        made.edits[call], made.moved[call] = edits, moved


def _select_all(file: SourceFile, labels: tuple[str, ...], call: cst.Call, made: Plan) -> None:
    """Without arguments every relation that is never null is followed, diverted ones too."""
    names = sorted(
        name
        for label in labels
        for name, known in file.graph.models[label].fields.items()
        if not known.null and file.relations.get((label, name)) == ""
    )
    if names:
        made.refused.append((call, f"without arguments it joins {', '.join(names)} too"))


def _prefetch(file: SourceFile, labels: tuple[str, ...], call: cst.Call, made: Plan) -> None:
    edits: list[Edit] = []
    seen: set[str] = set()
    for index, arg in enumerate(call.args):
        path = text(arg.value)
        if path is None:
            edits.append(_object(file, labels, call, index, made))
            continue
        one = _met(file, labels, path)
        if one is None:
            edits.append(index)
        elif one.through not in seen:
            seen.add(one.through)
            edits.append((index, one.through) if one.beyond else index)
        if one is not None and one.beyond:
            made.met.setdefault(call, []).append(one.relation)
            made.carried |= _many_of(file, _target(file, one), one.beyond) or set()
    if edits != list(range(len(call.args))):
        made.edits[call] = edits


def _object(
    file: SourceFile, labels: tuple[str, ...], call: cst.Call, index: int, made: Plan
) -> Edit:
    """Turn `Prefetch("product", queryset=...)` into its path, if it picks no rows."""
    value = call.args[index].value
    given = arguments_of_prefetch(value)
    path = text(given["lookup"]) if "lookup" in given else None
    one = _met(file, labels, path) if path is not None else None
    if one is None:
        return index
    reason = ""
    queryset = given.get("queryset")
    built = _built(file, queryset)
    if "to_attr" in given:
        reason = "Prefetch(to_attr=...) puts rows of the service under a name of its own"
    elif queryset is not None and not _picks_nothing(file, built.value if built else queryset):
        reason = "Prefetch(queryset=...) picks rows of the service by a query"
    elif queryset is not None:
        many = _loaded_many(file, built.value if built else queryset)
        if many is None:
            reason = "Prefetch(queryset=...) loads many rows for each, which no value carries,"
        made.carried |= many or set()
    if reason:
        made.refused.append((call, reason))
        made.blocked.setdefault(one.relation, reason)
        return index
    if not one.beyond and queryset is None:
        return index
    if built is not None and len(built.loads) == 1:
        made.unused += built.statements
    made.met.setdefault(call, []).append(one.relation)
    return (index, one.through)


def _built(file: SourceFile, queryset: cst.BaseExpression | None) -> folding.Definition | None:
    """Return what a name that is given as a queryset was bound to, by one statement before it."""
    if not isinstance(queryset, cst.Name):
        return None
    try:
        found = folding.definition_of(file, queryset)
    except Unsupported:
        return None
    return found if len(found.statements) == 1 else None


def arguments_of_prefetch(value: cst.BaseExpression) -> dict[str, cst.BaseExpression]:
    """Return the arguments of `Prefetch(...)` by name; {} for anything else."""
    if not isinstance(value, cst.Call):
        return {}
    callee = value.func.attr if isinstance(value.func, cst.Attribute) else value.func
    if not isinstance(callee, cst.Name) or callee.value != "Prefetch":
        return {}
    names = ("lookup", "queryset", "to_attr")
    return {
        arg.keyword.value if arg.keyword else name: arg.value
        for arg, name in zip(value.args, (*names, ""), strict=False)
    }


def _picks_nothing(file: SourceFile, queryset: cst.BaseExpression) -> bool:
    """Tell whether a queryset holds all rows of its model, however they are loaded."""
    chain = links(queryset)
    if not chain or any(method(call) not in FOLLOWED for call in chain):
        return False
    base = receiver(chain[0])
    value = file.certain(base) if base is not None else None
    if value is None or value[0] != "G":
        return False
    model = file.graph.models[value[1]]
    manager = model.managers.get(value[2] if value[2:] else model.default_manager or "")
    return manager is not None and not any(
        "get_queryset" in cls.names
        for base_name in manager.bases
        if (cls := file.graph.classes.get(base_name))
    )


def _loaded_many(file: SourceFile, queryset: cst.BaseExpression) -> set[Relation] | None:
    """Return the relations to many that a queryset loads ahead; None if values cannot carry one."""
    chain = links(queryset)
    base = receiver(chain[0]) if chain else None
    value = file.certain(base) if base is not None else None
    found: set[Relation] = set()
    for call in chain:
        for arg in call.args if method(call) == "prefetch_related" else ():
            many = _many_of(file, value[1] if value else "", text(arg.value) or "")
            if many is None:
                return None
            found |= many
    return found


def _target(file: SourceFile, met: Meeting) -> str:
    """Return the service's model that a path meets."""
    return file.graph.models[met.relation[0]].fields[met.relation[1]].target or ""


def _many_of(file: SourceFile, label: str, path: str) -> set[Relation] | None:
    """Return the relations to many along a path; None where it is not one that values can carry.

    They can those inside the service, but not a model's rows of its own kind, which would nest
    without end. What a path to one row leads to outside is its caller's own affair.
    """
    found: set[Relation] = set()
    for name in path.split("__"):
        model = file.graph.models.get(label)
        field = model.fields.get(name) if model else None
        reverse = model.accessors.get(name) if model else None
        target = field.target if field else reverse.model if reverse else None
        is_many = (field is not None and field.many) or (reverse is not None and reverse.many)
        if not target or (field and field.generic):
            return None
        if not file.is_served(target):
            return None if is_many else found
        if is_many and target == label:
            return None
        found |= {(label, name)} if is_many else set()
        label = target
    return found


def _only(file: SourceFile, labels: tuple[str, ...], call: cst.Call, made: Plan) -> None:
    met = _paths(file, labels, call)
    loaded = {text(arg.value) for arg in call.args}
    edits: list[Edit] = []
    for index, one in enumerate(met):
        if one is None or not one.beyond:
            edits.append(index)
        elif not loaded & {one.through, f"{one.through}_id"}:
            loaded.add(one.through)
            edits.append((index, one.through))
    if edits != list(range(len(met))):
        made.edits[call] = edits


def _defer(file: SourceFile, labels: tuple[str, ...], call: cst.Call, made: Plan) -> None:
    met = _paths(file, labels, call)
    edits: list[Edit] = [i for i, one in enumerate(met) if one is None or not one.beyond]
    if len(edits) < len(met):
        made.edits[call] = edits


READERS = {
    "select_related": _select,
    "prefetch_related": _prefetch,
    "only": _only,
    "defer": _defer,
}
