"""Which relations from outside lead to the service's models, and which of them can be diverted.

A diverted relation stays a foreign key in the database and in every lookup; what reading it gives
is a frozen value from the service's client. So it can be diverted when nobody uses what it gives
as only an instance can be used: saved, deleted, assigned to, handed to a form. Whether somebody
does is not guessed from names: the project is surveyed as if every candidate were diverted, and
each misuse of a value found then carries the relation it came through.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.project.contexts import FRAMEWORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from codemods.crossings.crossing import Crossing
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Field, Graph, Model

Relation = tuple[str, str]
DJANGO_FIELDS = frozenset({"ForeignKey", "OneToOneField"})
DJANGO_MODULE = "django.db.models.fields.related"
MEMBER = re.compile(r"\.\w+(\(\))?$")
MISUSES = {
    "attribute-write": "an attribute of what it gives is set",
    "instance-write": "what it gives is saved, deleted or reloaded",
    "method": "a method is called with arguments, or in a transaction, on what it gives",
    "construct": "what it gives is given to a relation that is not diverted",
    "form": "what it gives is handed to a form as its instance",
    "many-to-many": "a many-to-many relation of what it gives is used",
    "reverse-relation": "rows of the service are reached back through what it gives",
    "generic-relation": "a generic relation of what it gives is used",
    "escape": "what it gives goes where nobody can follow it",
    "lacks": "what it gives is asked for what a value has not",
    "rows": "what it gives is asked for rows",
    "prefetch": "rows beyond it are loaded ahead in a way that only the database can",
}
SKIPPED = "the transform `reference` is not among those asked for"
MISUSE = "what it gives is used as only an instance can be"


def candidates(graph: Graph, contexts: Contexts, service: str) -> dict[Relation, Field]:
    """Return the to-one relations from another context's models to the service's, by place."""
    return {
        (model.label, field.name): field
        for model in graph.models.values()
        if contexts.of_label(model.label) not in (service, FRAMEWORK) and not model.auto_created
        for field in model.fields.values()
        if field.target and not field.many and not field.generic
        if contexts.of_label(field.target) == service
    }


def decide(
    graph: Graph,
    contexts: Contexts,
    service: str,
    crossings: Iterable[Crossing],
    is_covered: Callable[[Crossing], bool] = lambda _crossing: False,
) -> dict[Relation, str]:
    """Say of each candidate why it cannot be diverted; "" when it can.

    `crossings` are those of the project surveyed with `with_service`: each misuse of a value
    names its relation in `via`. One that `is_covered` is gone once other transforms have run, as
    `order.user.addresses.all()` is when it becomes an operation, and stands in nobody's way.
    """
    found = candidates(graph, contexts, service)
    how = misused(service, crossings, is_covered)
    reasons = {
        key: unfit(graph, contexts, service, key, field) or how.get(".".join(key), "")
        for key, field in found.items()
        if not field.service
    }
    return settle(graph, {key: reasons.get(key, "") for key in found})


def leads_to_copy(graph: Graph, contexts: Contexts, key: Relation) -> bool:
    """Tell whether the context that declares a relation is to hold a copy of what it leads to."""
    target = graph.models[key[0]].fields[key[1]].target
    return contexts.is_replicated(target or "", contexts.of_label(key[0]))


def settle(graph: Graph, decided: Mapping[Relation, str]) -> dict[Relation, str]:
    """Let relations that share a declaration share its fate: one token stands for all of them."""
    by_declaration: dict[Relation, str] = {}
    places: dict[Relation, Relation] = {}
    for key in sorted(decided):
        field = graph.models[key[0]].fields[key[1]]
        places[key] = declaration(graph, key, field)
        by_declaration[places[key]] = by_declaration.get(places[key]) or decided[key]
    return {key: by_declaration[place] for key, place in places.items()}


def misused(
    service: str,
    crossings: Iterable[Crossing],
    is_covered: Callable[[Crossing], bool] = lambda _crossing: False,
) -> dict[str, str]:
    """Map each relation, or query, whose value is misused to the first place where it is, and how.

    The keys are as in `Crossing.via`.
    """
    found: dict[str, str] = {}
    told = sorted(crossings)
    spans = [crossing for crossing in told if crossing.kind == "transaction"]
    for crossing in told:
        if not crossing.via or crossing.target != service or is_covered(crossing):
            continue
        if _is_asked(crossing, spans):
            continue
        how = MISUSES.get(crossing.kind, MISUSE)
        place = f"{crossing.path}:{crossing.line}"
        found.setdefault(crossing.via, f"{how} at {place}: {crossing.expression}")
    return found


def _is_asked(crossing: Crossing, transactions: Iterable[Crossing]) -> bool:
    """Tell a member without arguments, which a value asks its owner for, writing or not.

    Inside a transaction that spans contexts it must stay with the rest of what is undone together.
    """
    if crossing.kind != "method" or not MEMBER.search(crossing.expression):
        return False
    return not any(
        (block.path, block.function) == (crossing.path, crossing.function)
        and block.line <= crossing.line
        for block in transactions
    )


def unfit(graph: Graph, contexts: Contexts, service: str, key: Relation, field: Field) -> str:
    """Say why a relation cannot be diverted whatever it is used for; "" when nothing forbids it."""
    model = graph.models[key[0]]
    if field.type not in DJANGO_FIELDS or field.module != DJANGO_MODULE:
        return f"it is a {field.type} of {field.module}, not Django's own foreign key"
    target = graph.models.get(field.target or "")
    if target is not None and field.to_field not in (None, target.pk):
        return f"it holds the other model's {field.to_field}, not its key"
    if field.target in model.parents:
        return "it links a model to the parent it inherits from"
    module = (field.declared_in or model.name).partition(":")[0]
    if module not in graph.modules:
        return f"it is declared in {module}, which is not the project's own"
    if contexts.of_path(graph.modules[module].path) == service:
        return f"it is declared in {module}, which leaves with the service"
    return ""


def declaration(graph: Graph, key: Relation, field: Field) -> Relation:
    """Return where a relation is declared, as (class, name): an abstract base, or the model."""
    if field.declared_in:
        return (field.declared_in, key[1])
    if field.inherited:
        for parent in graph.models[key[0]].parents:
            inherited = graph.models[parent].fields.get(key[1]) if parent in graph.models else None
            if inherited is not None:
                return declaration(graph, (parent, key[1]), inherited)
    return (graph.models[key[0]].name, key[1])


def with_service(
    graph: Graph,
    contexts: Contexts,
    service: str,
    decided: Mapping[Relation, str] | None = None,
) -> Graph:
    """Return the graph as it is once relations are diverted: those `decided` so, else all fit."""
    found = candidates(graph, contexts, service)
    models = dict(graph.models)
    for model in _owners(graph, found):
        fields = dict(model.fields)
        for name, field in model.fields.items():
            key = (model.label, name)
            if key in found and not (
                unfit(graph, contexts, service, key, field)
                if decided is None
                else decided.get(key, "not decided")
            ):
                fields[name] = replace(field, service=service)
        attnames = {f.attname: f for f in fields.values() if f.attname != f.name}
        models[model.label] = replace(model, fields=fields, attnames=attnames)
    return replace(graph, models=models)


def with_carried(graph: Graph, carried: Iterable[Relation]) -> Graph:
    """Return the graph in which the rows of these relations to many travel with values."""
    models = dict(graph.models)
    for label, name in sorted(carried):
        model = models.get(label)
        if model is None:
            continue
        if field := model.fields.get(name):
            fields = {**model.fields, name: replace(field, carried=True)}
            models[label] = replace(model, fields=fields)
        elif reverse := model.accessors.get(name):
            accessors = {**model.accessors, name: replace(reverse, carried=True)}
            models[label] = replace(model, accessors=accessors)
    return replace(graph, models=models)


def _owners(graph: Graph, found: Iterable[Relation]) -> Iterator[Model]:
    yield from (graph.models[label] for label in sorted({label for label, _ in found}))
