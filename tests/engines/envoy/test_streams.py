"""What lasts: WebSockets, event streams, large bodies, HTTP/2."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

import httpx
import pytest
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.engines.envoy.conftest import Running
    from tests.servers.backend import Backend

MEGABYTE = 1024 * 1024
POLICY = """
[upstreams.monolith]
instances = ["{monolith}"]
[upstreams.live]
instances = ["{live}"]
"""
ROUTE = """
[routes.{name}]
path = "{path}"
candidate = "live"
stage = "canary"
share_pct = 50
timeout_s = 0.5
candidate_timeout_s = 0.2
"""
PATHS = {"messages": "/ws", "events": "/events", "upload": "/upload", "page": "/page"}


@pytest.fixture
def proxy(backends: Callable[..., Backend], started: Callable[[str], Running]) -> Running:
    text = POLICY.format(monolith=backends("monolith").address, live=backends("live").address)
    return started(text + "".join(ROUTE.format(name=n, path=p) for n, p in PATHS.items()))


def test_websocket_messages_pass_both_ways(proxy: Running) -> None:
    with connect(f"ws://127.0.0.1:{proxy.port}/ws") as socket:
        for message in ("hello", b"\x00\xff", "x" * 100_000):
            socket.send(message)
            assert socket.recv(timeout=10) == message


def test_an_event_stream_outlives_the_routes_timeout(proxy: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    connection.request("GET", "/events")
    response = connection.getresponse()
    events = [response.readline() for _ in range(50)]
    assert events[::2] == [f"data: {number}\n".encode() for number in range(25)]
    connection.close()


def test_a_hundred_megabytes_are_streamed_through(proxy: Running) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * MEGABYTE

    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=60)
    connection.request("POST", "/upload", chunks(), {"Content-Length": str(100 * MEGABYTE)})
    response = connection.getresponse()
    assert json.loads(response.read())["body_bytes"] == 100 * MEGABYTE
    assert response.status == 200
    connection.close()


def test_http2_with_prior_knowledge_is_served(proxy: Running) -> None:
    with httpx.Client(http1=False, http2=True) as client:
        answers = [client.get(f"http://127.0.0.1:{proxy.port}/page") for _ in range(5)]
    assert {(answer.http_version, answer.status_code) for answer in answers} == {("HTTP/2", 200)}
