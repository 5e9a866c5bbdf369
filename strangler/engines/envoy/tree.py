"""Find a route's list without walking all routes: a map from literal path prefix to a short list.

Envoy takes the entry whose key is the longest prefix of the path. So a key's list holds, in order
of precedence, every route that can match a path which starts with that key; routes with a longer
literal prefix have a key of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.policy.template import LITERAL, REST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strangler.policy.model import Route
    from strangler.policy.template import PathTemplate


def by_prefix(routes: Iterable[Route]) -> dict[str, tuple[Route, ...]]:
    """Return the routes to try, in order, for each literal prefix."""
    ordered = sorted(routes, key=lambda r: (r.template.specificity, not r.methods, r.name))
    prefixes = sorted({route.template.literal_prefix for route in ordered})
    return {
        prefix: tuple(route for route in ordered if can_match_below(route.template, prefix))
        for prefix in prefixes
    }


def can_match_below(template: PathTemplate, prefix: str) -> bool:
    """Return whether some path that starts with `prefix` matches and has no longer key."""
    if not prefix.startswith(template.literal_prefix):
        return False
    pieces = prefix[1:].split("/")
    for position, piece in enumerate(pieces):
        if position == len(template.segments):
            return False
        segment = template.segments[position]
        if segment.kind == REST:
            return True
        last = position == len(pieces) - 1
        if segment.kind == LITERAL:
            if not (segment.text.startswith(piece) if last else segment.text == piece):
                return False
        elif not last and not piece:
            return False
    return True
