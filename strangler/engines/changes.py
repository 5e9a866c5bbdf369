"""What differs between two policies, in the words of the line a running proxy prints: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.policy.model import Stage

if TYPE_CHECKING:
    from strangler.policy import Policy, Route


@dataclass(frozen=True, slots=True)
class Change:
    """One route, upstream or switch that is another one afterwards."""

    subject: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.before} -> {self.after}"


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """Return what differs, routes first; empty when both send every request the same way."""
    return (*_route_changes(before, after), *_upstream_changes(before, after))


def describe_route(route: Route) -> str:
    """Return a route's place on its way out: its stage, with the share in a canary."""
    share = f" {route.share_pct:g} %" if route.stage is Stage.CANARY else ""
    return f"{route.stage}{share}"


def _route_changes(before: Policy, after: Policy) -> list[Change]:
    known = {route.name: route for route in before.routes}
    found = []
    for route in after.routes:
        earlier = known.pop(route.name, None)
        now = describe_route(route)
        if earlier is None:
            found.append(Change(route.name, "none", now))
        elif describe_route(earlier) != now:
            found.append(Change(route.name, describe_route(earlier), now))
        elif earlier != route:
            found.append(Change(route.name, now, f"{now}, other settings"))
    return [*found, *(Change(r.name, describe_route(r), "none") for r in known.values())]


def _upstream_changes(before: Policy, after: Policy) -> list[Change]:
    found = []
    for name in dict.fromkeys((*before.upstreams, *after.upstreams)):
        earlier, now = before.upstreams.get(name), after.upstreams.get(name)
        if earlier == now:
            continue
        was = _instances(earlier.instances) if earlier else "none"
        is_now = _instances(now.instances) if now else "none"
        found.append(Change(name, was, is_now if is_now != was else f"{is_now}, other settings"))
    return found


def _instances(addresses: tuple[object, ...]) -> str:
    return ", ".join(str(address) for address in addresses) or "no instance"
