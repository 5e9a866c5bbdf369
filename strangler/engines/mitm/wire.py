"""The policy as one line of JSON, on its way from the engine to its workers, and back.

Typed both ways by the policy's own records, so a worker that gets nonsense refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import TypeAdapter

from strangler.policy.matching import RouteMatcher
from strangler.policy.model import Policy, Proxy, Route, Switch, Upstream
from strangler.policy.template import PathTemplate


@dataclass(frozen=True, slots=True)
class _PolicyOnWire:
    """`Policy` without its matcher, which is built anew from the routes."""

    path: Path
    revision: str
    proxy: Proxy
    default_upstream: str
    upstreams: dict[str, Upstream]
    switches: dict[str, Switch]
    routes: tuple[Route, ...]


_ADAPTER = TypeAdapter(_PolicyOnWire)
_ADAPTER.rebuild(_types_namespace={"Path": Path, "PathTemplate": PathTemplate, **globals()})


def policy_to_json(policy: Policy) -> bytes:
    """Return the policy as JSON without a line break."""
    names = [field.name for field in fields(_PolicyOnWire)]
    return _ADAPTER.dump_json(_PolicyOnWire(**{name: getattr(policy, name) for name in names}))


def policy_from_json(line: bytes) -> Policy:
    """Return the policy of `policy_to_json`.

    Raises:
        pydantic.ValidationError: when the line is anything else.
    """
    wire = _ADAPTER.validate_json(line)
    parts = {field.name: getattr(wire, field.name) for field in fields(wire)}
    return Policy(**parts, matcher=RouteMatcher(wire.routes))
