"""Numbered pages: ?page=2&page_size=50, at most 200 a page, with links to the next and previous."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import URL

from users_asgi.errors import ToldError

SIZE, MAX_SIZE = 20, 200
ELSEWHERE = {"email", "format", "is_active", "is_staff", "min_spent", "ordered", "ordering"}
"""What the Django service filters and sorts by."""


@dataclass(frozen=True)
class PageOf:
    """Which rows a page has, and where its neighbours are."""

    offset: int
    size: int
    next: str | None
    previous: str | None


def page_of(url: URL, count: int) -> PageOf:
    """Return the page that an address asks for.

    Raises:
        ToldError: 404, there is no such page; 400, it filters or sorts, which is not done here.
    """
    query = parse_qs(url.query, keep_blank_values=True)
    further = sorted(query.keys() & ELSEWHERE)
    if further:
        raise ToldError(400, "invalid", f"{', '.join(further)}: not offered by this service")
    size = _number(query.get("page_size", [""])[-1]) or SIZE
    size = min(size, MAX_SIZE)
    last = max(1, -(-count // size))
    wanted = query.get("page", ["1"])[-1] or "1"
    number = last if wanted == "last" else _number(wanted)
    if not 1 <= number <= last:
        raise ToldError(404, "not_found", "Invalid page.")

    def link(to: int) -> str | None:
        if not 1 <= to <= last:
            return None
        kept = {name: values for name, values in query.items() if name != "page"}
        pages = {"page": [str(to)]} if to > 1 else {}
        return str(url.replace(query=urlencode(sorted((kept | pages).items()), doseq=True)))

    return PageOf((number - 1) * size, size, link(number + 1), link(number - 1))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
