"""Every engine does what `decide` says, request by request, on the wire."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

from tests.engines.conformance.client import RawClient
from tests.engines.conformance.compare import disagreements
from tests.engines.conformance.generate import RawRequest, requests
from tests.engines.conformance.policies import POLICIES, STEERING, conformance_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.engines import Engine
    from strangler.policy import Policy

PER_POLICY = 400
SHOWN = 12


def disagreements_of(policy: Policy, port: int, sent: list[RawRequest]) -> list[str]:
    found: list[str] = []
    with RawClient(port) as client:
        for request in sent:
            answer = client.ask(request.raw, request.method)
            found += [
                f"{what}\n    {request.raw!r}" for what in disagreements(policy, request, answer)
            ]
    return found


ASKED_OF_THE_SERVER = [
    RawRequest(method, "*", (("Host", "shop.example"),)) for method in ("OPTIONS", "GET", "POST")
]


@pytest.mark.parametrize("name", POLICIES)
def test_generated_requests_go_where_decide_says(
    engine: Engine, name: str, port: int, addresses: Mapping[str, str]
) -> None:
    policy = conformance_policy(name, f"127.0.0.1:{port}", addresses)
    engine.start(policy)
    sent = list(requests(zlib.crc32(name.encode()), PER_POLICY, steering=STEERING))
    sent += ASKED_OF_THE_SERVER

    found = disagreements_of(policy, port, sent)

    assert not found, f"{len(found)} of {len(sent)}:\n" + "\n".join(found[:SHOWN])
