"""The map of prefixes finds what trying every route in order finds."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from strangler.engines.envoy.tree import by_prefix
from strangler.policy.template import parse_template

PIECES = st.sampled_from(["a", "ab", "b", "{x}", "{y}", ""])
ENDINGS = st.sampled_from(["", "/", "/{rest...}"])


@st.composite
def templates(draw: st.DrawFn) -> str:
    pieces = [p for p in draw(st.lists(PIECES, min_size=0, max_size=3)) if p]
    named = [f"{{p{i}}}" if piece.startswith("{") else piece for i, piece in enumerate(pieces)]
    return ("/" + "/".join(named) + draw(ENDINGS)).replace("//", "/")


PATHS = st.lists(st.sampled_from(["a", "ab", "b", "abc", "", "z"]), min_size=0, max_size=4).map(
    lambda pieces: "/" + "/".join(pieces)
)


def made(sources: list[str]) -> list[Any]:
    return [
        SimpleNamespace(name=f"r{i}", template=parse_template(source), methods=())
        for i, source in enumerate(dict.fromkeys(sources))
    ]


def first_match(routes: list[Any], path: str) -> str:
    return next((r.name for r in routes if re.fullmatch(r.template.regex, path)), "default")


@given(st.lists(templates(), min_size=1, max_size=8), PATHS)
def test_the_longest_prefix_leads_to_the_route_that_comes_first(
    sources: list[str], path: str
) -> None:
    routes = made(sources)
    ordered = sorted(routes, key=lambda route: (route.template.specificity, route.name))
    lists = by_prefix(routes)
    keys = [prefix for prefix in lists if path.startswith(prefix)]
    found = first_match(list(lists[max(keys, key=len)]), path) if keys else "default"
    assert found == first_match(ordered, path)


def test_many_routes_make_short_lists() -> None:
    routes = made([f"/api/area-{n}/{{id}}/detail/" for n in range(200)] + ["/api/{x}/{y}/{z}/"])
    assert max(len(found) for found in by_prefix(routes).values()) == 2
