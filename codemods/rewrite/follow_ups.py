"""What a rewrite leaves to people: cascades, spanning transactions, secrets that travel."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from codemods.project.contexts import FRAMEWORK
from codemods.transforms.relations import candidates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from codemods.crossings.crossing import Crossing
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

REFERENCE = "Reference"  # what a severed foreign key leaves
ON_DELETE = {
    "CASCADE": "delete {rows} when the {owner} service tells that {model} was deleted",
    "SET_NULL": "set {column} of {rows} to null when the {owner} service tells that {model} was"
    " deleted",
    "SET_DEFAULT": "set {column} of {rows} to its default when the {owner} service tells that"
    " {model} was deleted",
    "SET": "set {column} of {rows} anew when the {owner} service tells that {model} was deleted",
    "PROTECT": "let the {owner} service ask whether {rows} refer to {model} before it deletes one",
    "RESTRICT": "let the {owner} service ask whether {rows} refer to {model} before it deletes one",
}
FOLLOW = (
    ': `deletions.follow({model}._meta.get_field("{name}"), ids)` of strangler.client does it, as'
    " often as the event comes"
)
ASK = {
    "PROTECT": ': `deletions.follow({model}._meta.get_field("{name}"), ids)` of strangler.client'
    " raises ProtectedError where some do",
    "RESTRICT": ': `deletions.follow({model}._meta.get_field("{name}"), ids)` of strangler.client'
    " raises RestrictedError where some do",
}
GENERIC = "GenericForeignKey"
MAY_HOLD = "it may hold rows of any model, by content type and id"
HELD = (
    "keep the model's label beside the id instead of {ct}, whose numbers differ from database to"
    " database, and ask the {owner} service for its rows"
)
SAGA = (
    "`codemods rewrite --service {service} --saga {place}` prints a saga with a step for each"
    " context"
)


@dataclass(frozen=True, slots=True, order=True)
class FollowUp:
    """A piece of work: its topic, where, what happens today, and what to do."""

    topic: str
    place: str
    what: str
    todo: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return asdict(self)


def follow_ups(
    graph: Graph,
    contexts: Contexts,
    service: str,
    left: Iterable[Crossing],
    warnings: Iterable[str] = (),
    severed: Collection[tuple[str, str]] = (),
) -> tuple[FollowUp, ...]:
    """Return the work that remains once the service has tables of its own, sorted.

    `left` are the crossings that are listed; `warnings` what was noticed of the contract; `severed`
    the relations, as (label, name), that this run makes plain columns.
    """
    found = {
        FollowUp("value", head, "it travels to callers", tail)
        for head, _, tail in (warning.partition(": ") for warning in warnings)
    }
    for (label, name), field in candidates(graph, contexts, service).items():
        action = (field.on_delete or "").rpartition(".")[2]
        if action in ON_DELETE:
            todo = ON_DELETE[action].format(
                rows=f"{label} rows", owner=service, model=field.target, column=field.attname
            )
            what = action
            if field.type == REFERENCE or (label, name) in severed:
                what = f"{action}, which the database did; in one process the column still does it"
                stub = ASK.get(action, FOLLOW)
                todo += stub.format(model=label.partition(".")[2], name=name)
            found.add(FollowUp("on_delete", f"{label}.{name}", what, todo))
    for model in graph.models.values():
        owner = contexts.of_label(model.label)
        for name, field in model.fields.items():
            if field.type == GENERIC and owner not in (service, FRAMEWORK) and not field.inherited:
                todo = HELD.format(ct=field.ct_field, owner=service)
                found.add(FollowUp("generic", f"{model.label}.{name}", MAY_HOLD, todo))
    for crossing in left:
        if crossing.kind == "transaction" and crossing.target == service:
            place = f"{crossing.path}:{crossing.line}"
            found.add(
                FollowUp(
                    "transaction",
                    place,
                    f"{crossing.function} writes {crossing.source} and {service} in one"
                    " transaction",
                    SAGA.format(service=service, place=place),
                )
            )
    return tuple(sorted(found))
