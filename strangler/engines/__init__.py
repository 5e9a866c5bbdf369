"""Engines carry a policy out: they ask or mirror `decide`, and an upstream answers.

policy file ─┐
registry ────┴─> effective policy ─> supervise ─> Engine.apply
                                                    envoy/   the data plane: renders the policy
                                                    mitm/    the workbench: calls `decide`
engine ─> pairs ─> comparator (a process of its own)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.policy import Policy


@dataclass(frozen=True, slots=True)
class ShadowCapture:
    """Where an engine sends pairs: the comparator's unix socket (gRPC, Envoy's ext_proc)."""

    socket: Path


class Engine(Protocol):
    """A running data plane. One `start`, any number of `apply`, one `stop`."""

    name: str

    def start(self, policy: Policy) -> None:
        """Start and return once the engine answers on `policy.proxy.listen`.

        Raises:
            EngineError: when the binary is missing, the port is in use or it does not come up.
        """

    def apply(self, policy: Policy) -> None:
        """Make `policy` live without failing a request; return once it is in effect.

        Raises:
            EngineError: when the engine refuses it; the one before stays in effect.
        """

    def is_alive(self) -> bool:
        """Return whether the engine's process runs."""

    def stop(self, *, drain_s: float) -> None:
        """Stop taking new requests, finish those in flight for up to `drain_s`, and end."""
