"""A crossing, and the kinds there are: what each means and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Crossing:
    """One place where code of `source` touches data of `target`.

    Lines and columns count from 1; `end_column` is exclusive. `access` is read, write, schema or
    transaction; `confidence` is high or low. `via` is the diverted relation whose value is used
    here as only an instance can be, as "orders.Order.user"; else empty. `key` identifies it in the
    ledger: it does not change when unrelated lines do.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    kind: str
    source: str
    target: str
    model: str
    table: str
    access: str
    confidence: str
    function: str
    expression: str
    ordinal: int = 0
    via: str = ""

    @property
    def key(self) -> str:
        """Return the line that stands for this crossing in the ledger."""
        number = f" #{self.ordinal + 1}" if self.ordinal else ""
        parts = (self.path, self.function, self.kind, self.model, self.expression + number)
        return " | ".join((f"{self.source} -> {self.target}", *parts))

    def to_json(self) -> dict[str, Any]:
        """Return the crossing as JSON-ready values, with its ledger key."""
        return asdict(self) | {"key": self.key}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of crossing: what is there, and what to do instead of adding another."""

    title: str
    advice: str


CLIENT = "ask the owning context through its client"
KEEP_KEY = "keep the id column; compare and filter by id"

KINDS: dict[str, Kind] = {
    "import": Kind("a model is imported", CLIENT),
    "get-model": Kind("a model is looked up by name", CLIENT),
    "query": Kind("a query on another context's model", CLIENT),
    "query-write": Kind(
        "a write through another context's manager", "call an operation of its owner"
    ),
    "evaluate": Kind("a queryset built elsewhere runs here", "pass values, not querysets"),
    "relation": Kind("a forward relation is followed", f"{CLIENT}, by the id column"),
    "reverse-relation": Kind("a reverse relation is followed", CLIENT),
    "many-to-many": Kind("a many-to-many relation is followed", CLIENT),
    "generic-relation": Kind("a generic relation is followed", CLIENT),
    "attribute": Kind(
        "an attribute of another context's instance", "read it from the client's value"
    ),
    "attribute-write": Kind(
        "an attribute of its instance is set", "call an operation of its owner"
    ),
    "method": Kind("a method of another context's instance", "offer it as an operation"),
    "instance-write": Kind("its instance is saved or deleted", "call an operation of its owner"),
    "cascade": Kind("a delete reaches its rows", "delete by an event the owner listens to"),
    "construct": Kind("its model is instantiated", "call an operation of its owner"),
    "key": Kind("a local key column holds its id", KEEP_KEY),
    "join": Kind("a lookup joins its table", "ask for the ids first, then filter by them"),
    "annotation": Kind("an annotation reads its table", "count in the owner, or keep a copy"),
    "prefetch": Kind("rows of another context are loaded ahead", "one batched call per relation"),
    "relation-field": Kind("a relation field points at its model", "keep the id as a plain column"),
    "inheritance": Kind("a class inherits from its model", "copy what is used"),
    "signal": Kind("a signal of its model is received", "subscribe to the owner's events"),
    "admin": Kind("the admin shows its model", "leave the page with the owner"),
    "form": Kind("a form is built on its model", "validate against the client's values"),
    "serializer": Kind("a serializer is built on its model", "serialize the client's values"),
    "filterset": Kind("a filter set reaches its model", "filter by ids from the client"),
    "view": Kind("a generic view serves its model", "move the view to the owner"),
    "library": Kind("a library queries its model for us", CLIENT),
    "migration": Kind(
        "a migration depends on its app", "squash once the relation is a plain column"
    ),
    "raw-sql": Kind("raw SQL names its table", CLIENT),
    "template": Kind("a template walks to its model", "pass the value from the view"),
    "call": Kind("a function that works on its data is called", "call an operation of its owner"),
    "task": Kind("a task of another context is called", "publish an event, or call an operation"),
    "transaction": Kind("one transaction writes both contexts", "use an outbox or a saga"),
}
