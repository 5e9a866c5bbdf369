"""Find the route of a path: a tree over segments that tries the most specific route first.

The tree gives the same answer as trying every template in the order of `specificity` and taking
the first whose path and method both match; a test holds it to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.policy.template import LITERAL, PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strangler.policy.model import Route


class _Node:
    """One position in the tree: what may follow, and which routes end or absorb the rest here."""

    __slots__ = ("any_method", "by_method", "literals", "parameter", "rest")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.rest: _Node | None = None
        self.by_method: dict[str, Route] = {}
        self.any_method: Route | None = None


class RouteMatcher:
    """Finds the route of a normalised path; built once for a policy, then only read."""

    __slots__ = ("_root",)

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.template.segments:
                if segment.kind == LITERAL:
                    node = node.literals.setdefault(segment.text, _Node())
                elif segment.kind == PARAMETER:
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node.rest = node.rest or _Node()
                    node = node.rest
            if not route.methods:
                node.any_method = route
            for method in route.methods:
                node.by_method[method] = route

    def find(self, path: str, method: str) -> Route | None:
        """Return the most specific route for a normalised `path` and `method`, or None."""
        return _find(self._root, path[1:].split("/"), 0, method)


def _find(node: _Node, segments: list[str], position: int, method: str) -> Route | None:
    if position == len(segments):
        return node.by_method.get(method) or node.any_method
    segment = segments[position]
    child = node.literals.get(segment)
    if child is not None:
        found = _find(child, segments, position + 1, method)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        found = _find(node.parameter, segments, position + 1, method)
        if found is not None:
            return found
    if node.rest is not None:
        return node.rest.by_method.get(method) or node.rest.any_method
    return None
