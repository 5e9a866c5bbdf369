"""What operations that read answer, each by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.client.ids import bounded
from strangler.client.testing.choosing import distinct
from strangler.client.testing.making import ABSENT
from strangler.client.testing.matching import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.client.testing.asked import Asked

    Answer = Callable[[Asked], Any]


def _get(asked: Asked) -> Any:
    left = asked.chosen(())
    if not left:
        raise asked.missing()
    if len(left) > 1:
        raise asked.several(len(left))
    return asked.fake.given(left[0][0])


def _get_by_ids(asked: Asked) -> Any:
    left = distinct(asked.chosen(asked.order()), lambda match: match[0].pk)
    return [asked.fake.given(row) for row, _ in left]


def _first(asked: Asked) -> Any:
    left = asked.chosen(asked.order() or ("pk",), is_reversed=asked.its.verb == "last")
    return asked.fake.given(left[0][0]) if left else None


def _earliest(asked: Asked) -> Any:
    if not asked.its.order_by:
        raise asked.unanswered(f"what {asked.its.model} says in get_latest_by")
    left = asked.chosen(asked.its.order_by, is_reversed=asked.its.verb == "latest")
    if not left:
        raise asked.missing()
    return asked.fake.given(left[0][0])


def _list(asked: Asked) -> Any:
    return [asked.fake.given(row) for row, _ in asked.chosen(asked.order())]


def _count(asked: Asked) -> Any:
    return len(asked.chosen(()))


def _exists(asked: Asked) -> Any:
    return bool(asked.chosen(()))


def _values(asked: Asked) -> Any:
    its, tables = asked.its, asked.fake.tables
    rows: list[tuple[Any, ...]] = [
        tuple(at(tables, row, name, chosen) for name in its.columns)
        for row, chosen in asked.ordered(asked.order())
    ]
    rows = asked.page(distinct(rows, lambda row: row) if its.is_distinct else rows)
    if its.is_flat:
        return [row[0] for row in rows]
    return [dict(zip(its.columns, row)) for row in rows] if its.is_mapping else rows  # noqa: B905 - Python 3.8


class _Found(list):  # type: ignore[type-arg]
    """Ids as `bounded` asks for them."""

    def order_by(self) -> _Found:
        return self


def _ids(asked: Asked) -> Any:
    found: Any = _Found(_values(asked))
    return bounded(asked.fake.service.name, asked.its.name, found)


def _member(asked: Asked) -> Any:
    row = asked.row(asked.arguments["id"])
    is_known = not (asked.its.filters or asked.its.is_write)
    answer = asked.fake.making.member(row, asked.its.member) if is_known else ABSENT
    if answer is ABSENT:
        raise asked.unanswered(f"what {asked.its.member} of {asked.its.model} gives")
    return answer


ANSWERS: dict[str, Answer] = {
    "get": _get,
    "get_by_ids": _get_by_ids,
    "first": _first,
    "last": _first,
    "earliest": _earliest,
    "latest": _earliest,
    "list": _list,
    "count": _count,
    "exists": _exists,
    "values": _values,
    "ids": _ids,
    "member": _member,
}
