"""What operations that write do to the rows, each by its kind.

Constraints, signals and overridden `save()` of the service are not here: a test that is about them
says with `answers` what the service does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.client.testing.asked import Asked
    from strangler.client.testing.reading import Answer
    from strangler.client.testing.rows import Row


def _create(asked: Asked) -> Any:
    return asked.fake.add(asked.its.model, **asked.columns(asked.its.writes))


def _update(asked: Asked) -> Any:
    rows = asked.rows()
    for row in rows:
        _set(asked, row, asked.columns(asked.its.writes))
    return len(rows)


def _save(asked: Asked) -> Any:
    row = asked.row(asked.arguments[asked.its.filters[0].name])
    _set(asked, row, asked.columns(asked.its.writes))
    return asked.fake.given(row)


def _set(asked: Asked, row: Row, columns: Mapping[str, Any]) -> None:
    for name, it in asked.fake.tables.columns(row.model, columns).items():
        row.columns[name] = asked.fake.making.column(row.model, name, it)


def _delete(asked: Asked) -> int:
    rows = asked.rows()
    for row in rows:
        hanging = asked.fake.tables.referring(row)
        if hanging:
            raise asked.unanswered(f"what becomes of {hanging[0]!r}, which refers to {row!r},")
    for row in rows:
        asked.fake.tables.remove(row)
    return len(rows)


def _delete_row(asked: Asked) -> None:
    _delete(asked)


def _get_or_create(asked: Asked) -> Any:
    rows = asked.rows()
    if len(rows) > 1:
        raise asked.several(len(rows))
    writes = asked.columns(asked.its.writes)
    if not rows:
        found = asked.columns(asked.its.filters)
        narrowing = {name: it for name, it in found.items() if "__" not in name}
        return asked.fake.add(asked.its.model, **{**narrowing, **writes}), True
    if asked.its.verb == "update_or_create":
        _set(asked, rows[0], writes)
    return asked.fake.given(rows[0]), False


def _link(asked: Asked) -> None:
    its = asked.its
    row = asked.row(asked.arguments["id"])
    given = list(asked.arguments[its.filters[0].name]) if its.filters else []
    held = list(row.columns.get(its.member, ()))
    row.columns[its.member] = {
        "add": held + [key for key in given if key not in held],
        "remove": [key for key in held if key not in given],
        "set": given,
        "clear": [],
    }[its.verb]


ANSWERS: dict[str, Answer] = {
    "create": _create,
    "update": _update,
    "save": _save,
    "delete": _delete,
    "delete_row": _delete_row,
    "get_or_create": _get_or_create,
    "update_or_create": _get_or_create,
    **dict.fromkeys(("add", "remove", "set", "clear"), _link),
}
