"""Which chains of upstreams a policy's routes need, and what an absent upstream means.

A chain is an upstream and those that answer when it cannot, in order. An upstream without any
instance is left out of every chain, so that a service that has not joined yet costs nobody a
request: the next of the chain answers, and the control where the chain would be empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.policy.model import Side, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.policy.model import Policy, Route


@dataclass(frozen=True, slots=True)
class Chain:
    """Upstreams in the order they are tried; never empty."""

    upstreams: tuple[str, ...]

    @property
    def cluster(self) -> str:
        """The cluster to send to. Upstream names hold no underscore, so this is never one."""
        return "_".join(self.upstreams)

    @property
    def first(self) -> str:
        """The upstream that is meant to answer."""
        return self.upstreams[0]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a route's buckets with its chain."""

    chain: Chain
    side: Side
    weight: int


def chain_of(policy: Policy, route: Route, upstream: str, fallbacks: tuple[str, ...]) -> Chain:
    """Return the chain for a choice of `decide`, without upstreams that have no instance."""
    present = [name for name in (upstream, *fallbacks) if policy.upstreams[name].instances]
    if not present and route.stage is not Stage.RETIRED:
        present = [route.control]
    return Chain(tuple(present) or (upstream,))


def stretches(policy: Policy, route: Route) -> tuple[Stretch, ...]:
    """Return the split of a route as chains, in bucket order."""
    return tuple(
        Stretch(chain_of(policy, route, s.upstream, s.fallbacks), s.side, s.weight)
        for s in route.split
    )


def chains(policy: Policy) -> dict[str, Chain]:
    """Return every chain of more than one upstream, by cluster name."""
    found: dict[str, Chain] = {}
    for route in policy.routes:
        for chain in _chains_of(policy, route):
            if len(chain.upstreams) > 1:
                found.setdefault(chain.cluster, chain)
    return found


def _chains_of(policy: Policy, route: Route) -> Iterator[Chain]:
    for stretch in stretches(policy, route):
        yield stretch.chain
    for override in route.overrides:
        fallbacks = route.fallbacks_of(override.upstream, override.side)
        yield chain_of(policy, route, override.upstream, fallbacks)
