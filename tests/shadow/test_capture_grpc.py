"""The real gRPC server, driven by a real client that speaks ext_proc as Envoy does."""

from __future__ import annotations

import threading

import grpc
import pytest
from envoy.config.core.v3.base_pb2 import HeaderMap, HeaderValue
from envoy.service.ext_proc.v3.external_processor_pb2 import (
    HttpBody,
    HttpHeaders,
    HttpTrailers,
    ProcessingRequest,
    ProcessingResponse,
)
from google.protobuf.struct_pb2 import Struct

from strangler.shadow.capture_grpc import SERVICE, CaptureError, CaptureLimits, CaptureServer
from tests.shadow.servers import until


def headers(pairs, *, end=False):
    values = [HeaderValue(key=key, raw_value=value.encode()) for key, value in pairs]
    return HttpHeaders(headers=HeaderMap(headers=values), end_of_stream=end)


REQUEST = [
    (":method", "GET"),
    (":path", "/api/x/?q=1"),
    (":authority", "shop.example"),
    ("x-request-id", "r1"),
]


def conversation(
    request=REQUEST, body=(), response_body=(b'{"a":', b" 1}"), route="product-list", end=True
):
    attributes = Struct()
    if route:
        attributes.update({"xds.route_name": route})
    yield ProcessingRequest(
        request_headers=headers(request, end=not body),
        attributes={"envoy.filters.http.ext_proc": attributes},
        observability_mode=True,
    )
    for number, chunk in enumerate(body, start=1):
        yield ProcessingRequest(
            request_body=HttpBody(body=chunk, end_of_stream=number == len(body))
        )
    status = [(":status", "200"), ("content-type", "application/json")]
    yield ProcessingRequest(response_headers=headers(status, end=not response_body and end))
    for number, chunk in enumerate(response_body, start=1):
        is_last = end and number == len(response_body)
        yield ProcessingRequest(response_body=HttpBody(body=chunk, end_of_stream=is_last))


class Capture:
    def __init__(self, limits=None):
        self.published, self.counted = [], []
        self.server = CaptureServer(
            lambda *pair: self.published.append(pair), lambda *why: self.counted.append(why), limits
        )
        port = self.server.start("127.0.0.1:0")
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.process = self.channel.stream_stream(
            f"/{SERVICE}/Process",
            request_serializer=ProcessingRequest.SerializeToString,
            response_deserializer=ProcessingResponse.FromString,
        )

    def send(self, messages):
        return list(self.process(iter(messages), timeout=20))

    def close(self):
        self.channel.close()
        self.server.stop()


@pytest.fixture
def capture():
    made = Capture(CaptureLimits(max_body_bytes=1000, max_held_bytes=3000, max_stream_s=1.0))
    yield made
    made.close()


def test_an_exchange_is_put_together_and_nothing_is_answered(capture):
    assert capture.send(conversation()) == []
    ((exchange, control),) = capture.published
    assert (exchange.method, exchange.target, exchange.route) == (
        "GET",
        "/api/x/?q=1",
        "product-list",
    )
    assert exchange.headers == (("host", "shop.example"), ("x-request-id", "r1"))
    assert exchange.request_id == "r1"
    assert (control.status, control.body) == (200, b'{"a": 1}')
    assert control.headers == (("content-type", "application/json"),)
    assert control.latency_ms >= 0


def test_bodies_come_whole_from_their_chunks(capture):
    post = [(":method", "POST"), *REQUEST[1:]]
    capture.send(conversation(post, body=[b"ab", b"", b"cd"]))
    assert capture.published[0][0].body == b"abcd"


def test_a_response_that_ends_with_trailers_is_complete(capture):
    messages = [*conversation(end=False), ProcessingRequest(response_trailers=HttpTrailers())]
    capture.send(messages)
    assert capture.published[0][1].body == b'{"a": 1}'


def test_a_response_without_a_body_is_complete(capture):
    capture.send(conversation(response_body=()))
    assert capture.published[0][1].body == b""


def test_the_route_may_come_in_a_header_and_the_attribute_wins(capture):
    named = [*REQUEST, ("x-strangler-route", "by-header")]
    capture.send(conversation(named, route=""))
    capture.send(conversation(named, route="by-attribute"))
    assert [exchange.route for exchange, _ in capture.published] == ["by-header", "by-attribute"]


def test_a_body_over_the_limit_is_counted_once_and_makes_no_pair(capture):
    capture.send(conversation(response_body=[b"x" * 600] * 5))
    assert capture.published == []
    assert capture.counted == [("product-list", "skipped: body too large")]
    assert capture.server._held_bytes == 0


def test_a_stream_that_breaks_off_is_counted_and_forgotten(capture):
    capture.send(conversation(end=False))
    assert capture.counted == [("product-list", "abandoned")]
    call = capture.process(iter_then_hang(conversation(end=False)))
    until(lambda: capture.server.open_streams == 1)
    call.cancel()
    until(lambda: capture.server.open_streams == 0)
    assert capture.counted == [("product-list", "abandoned")] * 2
    assert capture.server._held_bytes == 0


def test_a_stream_without_end_is_given_up(capture):
    list(capture.process(iter_then_hang(conversation(end=False)), timeout=20))
    assert capture.counted == [("product-list", "skipped: took too long")]


def test_more_bodies_at_once_than_fit_are_skipped(capture):
    calls = [
        capture.process(iter_then_hang(conversation(response_body=[b"x" * 900], end=False)))
        for _ in range(4)
    ]
    until(lambda: ("product-list", "skipped: too much in flight") in capture.counted)
    for call in calls:
        call.cancel()
    until(lambda: capture.server.open_streams == 0)
    assert capture.server._held_bytes == 0


def test_nonsense_is_counted(capture):
    capture.send([ProcessingRequest(response_trailers=HttpTrailers())])
    assert capture.counted == [("(unknown)", "abandoned")]


def test_a_publisher_that_fails_hurts_nobody():
    def publish(*_):
        raise RuntimeError("on purpose")

    counted = []
    server = CaptureServer(publish, lambda *why: counted.append(why))
    with grpc.insecure_channel(f"127.0.0.1:{server.start('127.0.0.1:0')}") as channel:
        process = channel.stream_stream(
            f"/{SERVICE}/Process",
            request_serializer=ProcessingRequest.SerializeToString,
            response_deserializer=ProcessingResponse.FromString,
        )
        assert list(process(conversation(), timeout=20)) == []
    server.stop()
    assert counted == [("product-list", "failed: capture")]


def test_an_address_in_use_is_named(capture, tmp_path):
    taken = CaptureServer(print, print)
    port = taken.start("127.0.0.1:0")
    with pytest.raises(CaptureError, match=str(port)):
        CaptureServer(print, print).start(f"127.0.0.1:{port}")
    taken.stop()


def iter_then_hang(messages):
    yield from messages
    threading.Event().wait(5)
