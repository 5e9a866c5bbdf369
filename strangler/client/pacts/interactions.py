"""Interactions of a pact from recorded calls and the service's contract.

Key, form + contract (OpenAPI document) ─> Interaction: state, request, expected answer
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from strangler.client.pacts.examples import (
    EXACT,
    TYPE,
    AnythingError,
    Expected,
    example,
    expected,
)
from strangler.client.pacts.recording import (
    EMPTY,
    FALSE,
    NO_ROWS,
    NOTHING,
    NULL,
    SOME,
    TRUE,
    Key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOES_NOT_EXIST, SEVERAL = "does_not_exist", "multiple_objects_returned"
WITHOUT_ROWS = frozenset({NOTHING, NO_ROWS, FALSE, DOES_NOT_EXIST})
OF_NO_ROW = frozenset({"create"})
CALL = "call"
STATED_ERRORS = frozenset({DOES_NOT_EXIST, SEVERAL})


@dataclass(frozen=True)
class Interaction:
    """One request and what is expected of the answer; `answer` is None where it may be anything.

    `state` is the provider's state by name, `parameters` say of which rows: "model", "count",
    "where" and "excluding" by the ORM's lookups, "writes" by column.
    """

    description: str
    state: str
    parameters: dict[str, Any]
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any] | None
    status: int
    answer: Expected | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Interactions:
    """What a contract's pact holds, and what is left out of it, with the reason."""

    service: str
    found: tuple[Interaction, ...]
    left_out: tuple[str, ...]


def interactions(recorded: Iterable[tuple[Key, Any]], contract: Mapping[str, Any]) -> Interactions:
    """Return the interactions of one service: of each recorded call that its contract knows."""
    service, found, left_out = str(contract["info"]["title"]), [], []
    entries = {
        entry["operationId"]: (path, entry)
        for path, methods in contract["paths"].items()
        for entry in methods.values()
    }
    for key, form in recorded:
        if key.service != service:
            continue
        if key.operation not in entries:
            left_out.append(f"{key.operation}: not in the contract; run `codemods rewrite` again")
        elif key.status != 200 and key.outcome not in STATED_ERRORS:  # noqa: PLR2004
            left_out.append(f"{key.operation} fails with {key.outcome}: no state is known for that")
        elif entries[key.operation][1].get("x-operation", {}).get("verb") == CALL:
            left_out.append(f"{key.operation}: calls a function, which may need any rows at all")
        elif anything := _anything(key, entries[key.operation][1]):
            left_out.append(f"{key.operation}: {anything} may be anything, so there is no example")
        else:
            path, entry = entries[key.operation]
            found.append(_interaction(key, form, path, entry, contract))
    return Interactions(service, tuple(found), tuple(sorted(set(left_out))))


def _anything(key: Key, entry: Mapping[str, Any]) -> str:
    """Return the arguments that were given and that the contract has no type for."""
    schemas = _arguments(entry)
    given = [name for name, kind in key.arguments if kind == SOME and name in schemas]
    return ", ".join(name for name in given if not {"type", "enum"} & set(schemas[name]))


def _interaction(
    key: Key, form: Any, path: str, entry: Mapping[str, Any], contract: Mapping[str, Any]
) -> Interaction:
    components = contract["components"]["schemas"]
    schemas = _arguments(entry)
    given = {
        name: None if kind == NULL else [] if kind == EMPTY else example(schemas[name], components)
        for name, kind in key.arguments
        if name in schemas
    }
    special = [f"{name} {kind}" for name, kind in key.arguments if kind in {NULL, EMPTY}]
    windowed = [name for name in ("offset", "limit") if name in given]
    told = "".join(f", {each}" for each in (*special, *(f"with {name}" for name in windowed)))
    state, parameters = _state(key, entry, given)
    is_query = key.method == "GET"
    return Interaction(
        description=f"{key.operation} gives {key.outcome}{told}",
        state=state,
        parameters=parameters,
        method=key.method,
        path=path,
        query={name: _text(value) for name, value in given.items()} if is_query else {},
        body=None if is_query else given,
        status=key.status,
        answer=_answer(key, form, entry, components),
    )


def _arguments(entry: Mapping[str, Any]) -> dict[str, Any]:
    found = {each["name"]: each["schema"] for each in entry.get("parameters", ())}
    if body := entry.get("requestBody"):
        found.update(body["content"]["application/json"]["schema"].get("properties", {}))
    return {**found, **{name: _WINDOW[name] for name in found if name in _WINDOW}}


_WINDOW: dict[str, Any] = {
    "offset": {"type": "integer", "enum": [0]}, "limit": {"type": "integer", "enum": [5]},
}  # fmt: skip


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _state(
    key: Key, entry: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    shape = entry["x-operation"]
    model, verb = shape["model"], shape["verb"]
    count = 0 if key.outcome in WITHOUT_ROWS or verb in OF_NO_ROW else 1
    if key.outcome == SEVERAL:
        count = 2
    where = {
        each["lookup"]: given[each["name"]]
        for each in shape.get("filters", ())
        if each["name"] in given and verb not in {"member", "ask"}
    }
    if verb in {"member", "save", "delete_row", "add", "remove", "set", "clear"} and "id" in given:
        where = {"pk": given["id"]}
    parameters = {
        "model": model,
        "count": count,
        "where": where,
        "excluding": _by_lookup(shape.get("exclude", ()), given),
        "writes": _by_lookup(shape.get("writes", ()), given),
    }
    name = {0: f"no such {model}", 1: f"one such {model}", 2: f"several such {model}"}[count]
    if verb in OF_NO_ROW:
        name = f"what a new {model} refers to"
    return name, {part: value for part, value in parameters.items() if value not in ({}, None)}


def _by_lookup(parts: Iterable[Mapping[str, str]], given: Mapping[str, Any]) -> dict[str, Any]:
    return {each["lookup"]: given[each["name"]] for each in parts if each["name"] in given}


def _answer(
    key: Key, form: Any, entry: Mapping[str, Any], components: Mapping[str, Any]
) -> Expected | None:
    if key.status != 200:  # noqa: PLR2004
        error = {"code": Expected(TYPE, "text"), "message": Expected(TYPE, "text")}
        error["code"] = Expected(EXACT, key.outcome)
        return Expected(EXACT, {"error": Expected(EXACT, error)})
    known: dict[str, Any] = {NOTHING: None, NO_ROWS: [], TRUE: True, FALSE: False}
    if key.outcome in known:
        return Expected(EXACT, known[key.outcome])
    schema = entry["responses"]["200"]["content"]["application/json"]["schema"]
    try:
        return expected(schema, form, components)
    except AnythingError:
        return None
