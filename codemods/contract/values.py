"""From what callers read of a service's rows to the values that stand for those rows.

Only what is read is carried. A relation inside the service nests the other value; where that would
lead round in a circle, the foreign key on the way is asked for when it is read.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codemods.contract.constants import constant_of
from codemods.contract.members import cost_of, cost_of_text
from codemods.contract.naming import named
from codemods.contract.operations import (
    MEMBER,
    Column,
    Constant,
    Member,
    Operation,
    Related,
    ValueType,
)
from codemods.contract.types import type_of_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.contract.members import Cost, Sources
    from codemods.contract.nouns import Noun
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Field, Graph, Model, Reverse

TEXT = "__str__"
_ALWAYS_THERE = frozenset({"pk", "DoesNotExist", "MultipleObjectsReturned", "__class__", "_state"})
# A copy of a row has nothing to save, and what it would be asked for is lost with the row it was.
_OF_A_ROW = frozenset(
    {
        "save", "asave", "save_base", "delete", "adelete", "refresh_from_db", "arefresh_from_db",
        "full_clean", "clean", "clean_fields", "validate_unique", "validate_constraints",
        "set_unusable_password",
    }
)  # fmt: skip
_SENSITIVE = re.compile(
    r"passw|passphrase|secret|token|api_?key|private_?key|credential|salt|otp|_pin$|^pin$|ssn"
    r"|iban|card_?number|cvv|cvc",
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """An attribute that callers read and a value cannot have; why, and what to do."""

    model: str
    attribute: str
    reason: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The values of a service, the operations that their members ask, and what was noticed."""

    values: tuple[ValueType, ...]
    operations: tuple[Operation, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


@dataclass(eq=False)
class _Draft:
    columns: dict[str, Column] = field(default_factory=dict)
    related: dict[str, Related] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)
    has_text: bool = False
    may_lack_text: bool = False
    loads: tuple[str, ...] = ()


def draw(
    graph: Graph,
    contexts: Contexts,
    sources: Sources,
    nouns: Mapping[str, Noun],
    labels: Iterable[str],
    reads: Iterable[tuple[str, str]],
) -> Drawn:
    """Return the values of `labels` and of all that `reads` lead to from them in the service.

    What is read of a model that no call and no relation gives a value of is left out.
    """
    drawing = _Drawing(graph, contexts, sources, nouns)
    wanted: dict[str, set[str]] = {}
    for label, attribute in reads:
        wanted.setdefault(label, set()).add(attribute)
    for label in sorted(set(labels)):
        drawing.model(label)
    seen: set[str] = set()
    while ahead := sorted(drawing.drafts.keys() - seen):
        for label in ahead:
            seen.add(label)
            for attribute in sorted(wanted.get(label, ())):
                drawing.read(label, attribute)
    drawing.cut_circles()
    return drawing.drawn()


@dataclass(eq=False)
class _Drawing:
    graph: Graph
    contexts: Contexts
    sources: Sources
    nouns: Mapping[str, Noun]
    drafts: dict[str, _Draft] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def model(self, label: str) -> _Draft:
        """Begin the value of a model: its key alone."""
        if label not in self.drafts:
            draft = self.drafts[label] = _Draft()
            if key := self.graph.models[label].pk:
                self._column(draft, label, self.graph.models[label].fields[key])
        return self.drafts[label]

    def read(self, label: str, name: str) -> None:
        """Add one attribute to a model's value."""
        model, draft = self.graph.models[label], self.drafts[label]
        if name in _ALWAYS_THERE or name in _OF_A_ROW:
            return
        if name == TEXT:
            self._text(draft, label)
        elif found := model.attnames.get(name):
            self._column(draft, label, found)
        elif found := model.fields.get(name):
            self._field(draft, model, found)
        elif reverse := model.accessors.get(name):
            self._reverse(draft, model, reverse)
        elif cost := cost_of(self.graph, self.sources, label, name):
            self._member(draft, label, name, cost)
        elif constant := constant_of(self.graph, self.sources, label, name):
            draft.constants[name] = constant
        else:
            self._unknown(model, name)

    def _column(self, draft: _Draft, label: str, its: Field) -> None:
        type_ = type_of_field(self.graph, its)
        draft.columns[its.attname] = Column(its.attname, type_, its.null)
        if type_ == "any" and its.internal_type != "JSONField":
            self.warnings.append(
                f"{label}.{its.attname} is a {its.type}: in process it travels as it is, over HTTP "
                "only what JSON can hold; offer what is read of it as a member of the model"
            )
        if _SENSITIVE.search(its.attname.lower()):
            self.warnings.append(
                f"{label}.{its.attname} looks like a secret and is read outside its service: "
                "the value carries it; offer an operation that needs it inside instead"
            )

    def _field(self, draft: _Draft, model: Model, its: Field) -> None:
        if its.target is None and not its.generic:
            self._column(draft, model.label, its)
        elif its.many and its.carried and its.target:
            self._rows(draft, its.name, its.target)
        elif its.many or its.generic or its.target not in self.graph.models:
            reason = "it leads to many rows; ask an operation for them"
            if its.generic and not its.many:
                reason = "it may lead to a row of any model; ask its owner by the key"
            self._problem(model, its.name, reason)
        else:
            self._column(draft, model.label, its)
            is_foreign = not self._inside(model.label, its.target)
            draft.related[its.name] = Related(
                its.name, its.target, its.null, key=its.attname, is_foreign=is_foreign
            )
            if not is_foreign:
                self.model(its.target)

    def _reverse(self, draft: _Draft, model: Model, its: Reverse) -> None:
        if not self._inside(model.label, its.model):
            return  # the caller's own table: the runtime gives its rows
        name = its.accessor or ""
        if its.many and its.carried:
            self._rows(draft, name, its.model)
            return
        if its.many:
            self._problem(model, name, "its rows are a queryset; ask an operation for them")
            return
        draft.related[name] = Related(
            name, its.model, nullable=True, key=its.field, is_reverse=True
        )
        self.model(its.model)

    def _rows(self, draft: _Draft, name: str, target: str) -> None:
        draft.related[name] = Related(name, target, is_many=True)
        self.model(target)

    def _member(self, draft: _Draft, label: str, name: str, cost: Cost) -> None:
        model = self.graph.models[label]
        if cost.needs:
            self._problem(model, name, "it takes arguments; offer it as an operation")
            return
        operation = ""
        if not cost.is_cheap or cost.may_fail:
            asked = Operation(
                label, MEMBER, "", member=name, is_write=cost.is_write, returns=cost.type,
                is_nullable=cost.is_nullable, is_property=not cost.is_method,
            )  # fmt: skip
            self.operations.append(named(asked, self.nouns))
            operation = self.operations[-1].name
        draft.members[name] = Member(
            name, cost.is_method, cost.is_cheap, cost.type, cost.is_nullable, operation
        )

    def _text(self, draft: _Draft, label: str) -> None:
        cost = cost_of_text(self.graph, self.sources, label)
        draft.has_text, draft.may_lack_text = True, cost.may_fail
        draft.loads = tuple(path for path in cost.loads if self._is_walkable(label, path))
        if not cost.is_pure or draft.loads != cost.loads:
            self.warnings.append(
                f"str() of {label} is read outside its service and may query for each row; let "
                "its __str__ read the row's own columns"
            )

    def _is_walkable(self, label: str, path: str) -> bool:
        """Tell whether select_related can follow a path without leaving the service."""
        for name in path.split("__"):
            model = self.graph.models[label]
            its = model.fields.get(name)
            target = its.target if its else model.accessors[name].model
            if target is None or not self._inside(label, target):
                return False
            label = target
        return True

    def _inside(self, label: str, target: str) -> bool:
        return self.contexts.of_label(label) == self.contexts.of_label(target)

    def _unknown(self, model: Model, name: str) -> None:
        if name in model.managers or name in ("objects", "_meta", "save", "delete"):
            self._problem(model, name, "only the owner's instances have it; call an operation")
            return
        known = [*model.fields, *model.attnames, *model.accessors, *model.members]
        close = difflib.get_close_matches(name, known, n=1)
        hint = (
            f"; did you mean {close[0]!r}?" if close else "; it may be set on instances elsewhere"
        )
        self._problem(model, name, f"the model has no attribute of this name{hint}")

    def _problem(self, model: Model, name: str, reason: str) -> None:
        self.problems.append(Problem(model.label, name, reason))

    def cut_circles(self) -> None:
        """Let foreign keys that lead back to a value around them be asked for, not carried."""
        edges = [
            (not (its.is_reverse or its.is_many), label, name)
            for label, draft in self.drafts.items()
            for name, its in draft.related.items()
            if not its.is_foreign
        ]
        carried: dict[str, set[str]] = {}
        for _, label, name in sorted(edges):
            draft = self.drafts[label]
            its = draft.related[name]
            if not _leads_to(carried, its.model, label):
                carried.setdefault(label, set()).add(its.model)
            elif its.is_reverse or its.is_many:
                del draft.related[name]
                reason = f"carrying it would lead round in a circle from {its.model}"
                self._problem(self.graph.models[label], name, f"{reason}; ask an operation for it")
            else:
                draft.related[name] = replace(its, is_carried=False)

    def drawn(self) -> Drawn:
        """Return everything sorted."""
        values = tuple(
            ValueType(
                label,
                self.nouns[label].value,
                self._key(label),
                _key_first(draft.columns.values(), self._key(label)),
                tuple(sorted(draft.related.values())),
                tuple(sorted(draft.members.values())),
                draft.has_text,
                draft.may_lack_text,
                draft.loads,
                constants=tuple(draft.constants[name] for name in sorted(draft.constants)),
            )
            for label, draft in sorted(self.drafts.items())
        )
        return Drawn(
            values, tuple(sorted(set(self.operations))), tuple(sorted(set(self.problems))),
            tuple(sorted(set(self.warnings))),
        )  # fmt: skip

    def _key(self, label: str) -> str:
        model = self.graph.models[label]
        return model.fields[model.pk].attname if model.pk else "id"


def _key_first(columns: Iterable[Column], key: str) -> tuple[Column, ...]:
    return tuple(sorted(columns, key=lambda each: (each.name != key, each.name)))


def _leads_to(carried: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, ahead = set[str](), [start]
    while ahead:
        label = ahead.pop()
        if label == goal:
            return True
        if label not in seen:
            seen.add(label)
            ahead.extend(carried.get(label, ()))
    return False
