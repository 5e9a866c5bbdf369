"""Conditions with their types: which column a lookup names, and how its value is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.contract import types
from codemods.contract.operations import Parameter
from codemods.transforms.handing import (
    LISTED,
    NULL,
    PLAIN,
    hand_key,
    hand_keys,
    hand_list,
    hand_plain,
    is_none,
)
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import OPERATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import libcst as cst

    from codemods.project.graph import Graph, Model
    from codemods.transforms.shapes import Raw
    from codemods.transforms.source import SourceFile

ASK_FIRST = "ask for the ids first, then filter by them"


@dataclass(frozen=True, eq=False)
class Condition:
    """A condition that the service can be asked with; `hand` is one of `handing`'s ways.

    `call` tells which filter() or exclude() it belongs to.
    """

    parameter: Parameter
    hand: str
    is_negated: bool
    call: int
    is_multiple: bool


@dataclass(frozen=True)
class Target:
    """Where a lookup's path ends: `lookup` in its one spelling, without the operator.

    `related` is the model whose instance, or key, the value is; "" for a plain column.
    """

    lookup: str
    related: str
    is_multiple: bool
    nullable: bool


def conditions(file: SourceFile, label: str, raws: Sequence[Raw]) -> tuple[Condition, ...]:
    """Type all conditions of a query on one model.

    Raises:
        Unsupported: one leaves the service, is of uncertain type, or means something else when
            they are given together.
    """
    found = tuple(_condition(file, label, raw) for raw in raws)
    seen: set[tuple[str, bool]] = set()
    for condition, raw in zip(found, raws, strict=True):
        key = (condition.parameter.lookup, condition.is_negated)
        if key in seen:
            raise Unsupported(raw.node, f"{raw.lookup} is asked for twice", OPERATION)
        seen.add(key)
    several = [each for each in found if each.is_multiple]
    if len({each.call for each in several}) > 1 or any(each.is_negated for each in several):
        reason = "several conditions on rows of a relation with many"
        raise Unsupported(raws[0].node, reason, OPERATION)
    return found


def _condition(file: SourceFile, label: str, raw: Raw) -> Condition:
    path, operator = types.split_lookup(raw.lookup)
    target = walk(file, label, path, raw.node)
    if operator == "exact" and is_none(raw.value):
        parameter = Parameter("", f"{target.lookup}__isnull", "bool")
        return Condition(parameter, NULL, raw.is_negated, raw.call, target.is_multiple)
    if target.related and operator not in ("exact", "in", "isnull"):
        raise Unsupported(raw.node, f"the lookup {raw.lookup} compares a relation", OPERATION)
    lookup = target.lookup if operator == "exact" else f"{target.lookup}__{operator}"
    found = types.type_of_lookup(file.graph, label, lookup)
    if found is None:
        reason = f"the lookup {raw.lookup} is none of Django's own on the model's columns"
        raise Unsupported(raw.node, reason, OPERATION)
    type_, many = found
    parameter = Parameter("", lookup, type_, many, nullable=target.nullable and operator == "exact")
    hand = _hand(file, target, operator, raw, many=many)
    return Condition(parameter, hand, raw.is_negated, raw.call, target.is_multiple)


def _hand(file: SourceFile, target: Target, operator: str, raw: Raw, *, many: bool) -> str:
    if operator == "isnull" or not target.related:
        (hand_list if many else hand_plain)(file, raw.value)
        return LISTED if many else PLAIN
    if many:
        return hand_keys(file, raw.value, target.related)
    return hand_key(file, raw.value, target.related)


def walk(file: SourceFile, label: str, path: str, node: cst.CSTNode) -> Target:
    """Follow a lookup's path over models of the service.

    Raises:
        Unsupported: it reaches a row of another context, or nothing that the graph knows.
    """
    parts = path.split("__")
    spelled: list[str] = []
    here, related, is_multiple, nullable = label, "", False, False
    for index, part in enumerate(parts):
        model = file.graph.models.get(here)
        is_last = index == len(parts) - 1
        if model is None or (related and not _is_key(model, part) and not file.is_served(here)):
            raise Unsupported(
                node, f"the lookup {path} leaves the service at {related or here}", ASK_FIRST
            )
        if related and _is_key(model, part):
            spelled[-1] = _by_key(file.graph, spelled[-1], label, spelled)
            related = ""
            continue
        name, step, several, may_be_null = _step(file, model, part, path, node)
        spelled.append(name)
        is_multiple, nullable = is_multiple or several, nullable or may_be_null
        related = step
        here = step or here
        if not step and not is_last:
            spelled += parts[index + 1 :]
            break
    if related and not is_multiple:
        spelled[-1] = _attname(file.graph, label, spelled)
    return Target("__".join(spelled), related, is_multiple, nullable)


def _is_key(model: Model, part: str) -> bool:
    return part in ("pk", model.pk)


def _by_key(graph: Graph, name: str, label: str, spelled: list[str]) -> str:
    """Return how the id column of the relation just followed is spelt."""
    model = _owner(graph, label, spelled)
    field = model.fields.get(name) if model else None
    return field.attname if field and not field.many else name


def _attname(graph: Graph, label: str, spelled: list[str]) -> str:
    return _by_key(graph, spelled[-1], label, spelled)


def _owner(graph: Graph, label: str, spelled: list[str]) -> Model | None:
    """Return the model that the last part of a path is a name of."""
    model = graph.models.get(label)
    for part in spelled[:-1]:
        if model is None:
            return None
        field = model.fields.get(part)
        reverse = model.query_names.get(part)
        target = field.target if field else reverse.model if reverse else None
        model = graph.models.get(target or "")
    return model


def _step(
    file: SourceFile, model: Model, part: str, path: str, node: cst.CSTNode
) -> tuple[str, str, bool, bool]:
    """Return one part's spelling, the model it leads to, whether to many, and if it may be null."""
    if _is_key(model, part):
        field = model.fields.get(model.pk or "")
        return "pk", (field.target or "") if field and part != "pk" else "", False, False
    if (field := model.fields.get(part)) is not None:
        if field.generic:
            raise Unsupported(node, f"{part} is a generic relation", OPERATION)
        return field.name, field.target or "", field.many, field.null
    if (field := model.attnames.get(part)) is not None:
        return field.attname, "", False, field.null
    if (reverse := model.query_names.get(part)) is not None:
        if not file.is_served(reverse.model):
            reason = f"the lookup {path} leaves the service at {reverse.model}"
            raise Unsupported(node, reason, ASK_FIRST)
        return part, reverse.model, reverse.many, True
    raise Unsupported(node, f"{part} is no column of {model.label}", OPERATION)
