"""Which instances have joined: pure transitions on a frozen state.

    join / beat / leave / expire  ->  RegistryState  ->  addresses

An instance is one process that serves one address for one upstream. Several processes may serve
the same address (the workers of one server, or the next process taking a port over from the one
before); the address stays until the last of them has left or fallen silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from strangler.errors import RegistryError
from strangler.policy.validate import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from strangler.policy.model import Address

MAX_INSTANCES = 10_000

Key = tuple[str, "Address", str]


@dataclass(frozen=True, slots=True)
class Instance:
    """One process that serves `address` for `upstream`.

    `id` is the process's own name for itself. `started_at` is in seconds since the epoch and 0
    when unknown; `ttl_s` is how long it may stay silent; `expires_at` is in seconds of the
    clock that the transitions are called with.
    """

    upstream: str
    address: Address
    id: str
    version: str = ""
    host: str = ""
    pid: int = 0
    started_at: float = 0.0
    ttl_s: float = 10.0
    expires_at: float = 0.0

    @property
    def key(self) -> Key:
        """What the last writer wins on."""
        return (self.upstream, self.address, self.id)

    def describe(self) -> dict[str, Any]:
        """Return what is told about it in JSON; times on this process's clock are left out."""
        return {
            "upstream": self.upstream,
            "address": str(self.address),
            "id": self.id,
            "version": self.version,
            "host": self.host,
            "pid": self.pid,
            "started_at": self.started_at,
            "ttl_s": self.ttl_s,
        }


@dataclass(frozen=True, slots=True)
class RegistryState:
    """Everything that has joined and not left, by key. Transitions return another state."""

    instances: Mapping[Key, Instance] = field(default_factory=dict)

    @property
    def addresses(self) -> dict[str, tuple[Address, ...]]:
        """The addresses of each upstream, sorted, each once."""
        found: dict[str, set[Address]] = {}
        for instance in self.instances.values():
            found.setdefault(instance.upstream, set()).add(instance.address)
        return {name: tuple(sorted(found[name])) for name in sorted(found)}

    @property
    def next_expiry(self) -> float | None:
        """When the first instance falls silent if no beat comes; None without instances."""
        return min((instance.expires_at for instance in self.instances.values()), default=None)


def join(
    state: RegistryState, instance: Instance, *, known: Collection[str], now: float
) -> RegistryState:
    """Return the state with `instance` in it until `now` plus its TTL.

    Raises:
        RegistryError: when `known` does not name its upstream, or the registry is full.
    """
    if instance.upstream not in known:
        hint = did_you_mean(instance.upstream, known)
        raise RegistryError(f"unknown upstream {instance.upstream!r}; {hint}")
    if instance.key not in state.instances and len(state.instances) >= MAX_INSTANCES:
        raise RegistryError(f"the registry is full: {MAX_INSTANCES} instances have joined")
    alive = replace(instance, expires_at=now + instance.ttl_s)
    return RegistryState({**state.instances, instance.key: alive})


def beat(state: RegistryState, instance_id: str, *, now: float) -> RegistryState:
    """Return the state with every registration of `instance_id` alive for another TTL.

    Raises:
        RegistryError: when it has not joined, has left or has expired: it must join again.
    """
    alive = {
        key: replace(instance, expires_at=now + instance.ttl_s)
        for key, instance in state.instances.items()
        if instance.id == instance_id
    }
    if not alive:
        raise RegistryError(f"no instance {instance_id!r} has joined; register it again")
    return RegistryState({**state.instances, **alive})


def leave(state: RegistryState, instance_id: str) -> RegistryState:
    """Return the state without the registrations of `instance_id`; unchanged if there are none."""
    return _keep(state, lambda instance: instance.id != instance_id)


def expire(state: RegistryState, *, now: float) -> RegistryState:
    """Return the state without the instances whose time is over at `now`."""
    return _keep(state, lambda instance: instance.expires_at > now)


def _keep(state: RegistryState, wanted: Callable[[Instance], bool]) -> RegistryState:
    kept = {key: instance for key, instance in state.instances.items() if wanted(instance)}
    return state if len(kept) == len(state.instances) else RegistryState(kept)
