"""A trace goes on by W3C Trace Context, or begins."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.client.propagation import tracing

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SHAPE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@contextmanager
def trace(*headers: str) -> Iterator[None]:
    token = tracing.begin(*headers)
    try:
        yield
    finally:
        tracing.end(token)


def test_what_came_in_goes_on_with_a_parent_id_for_each_call():
    with trace(PARENT, "congo=t61rcWkgMzE", "r-1"):
        first, second = tracing.headers(), tracing.headers()
    assert first["traceparent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert first["traceparent"].endswith("-01")
    assert len({PARENT, first["traceparent"], second["traceparent"]}) == 3
    assert (first["tracestate"], first["X-Request-ID"]) == ("congo=t61rcWkgMzE", "r-1")


@pytest.mark.parametrize(
    "parent",
    ["", "00", PARENT.upper(), "ff" + PARENT[2:], PARENT.replace("00f067aa0ba902b7", "0" * 16),
     PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32), "x" + PARENT],
)  # fmt: skip
def test_what_is_no_trace_begins_one_that_is_not_sampled(parent):
    with trace(parent, "congo=t61rcWkgMzE"):
        sent = tracing.headers()
    assert SHAPE.fullmatch(sent["traceparent"])
    assert sent["traceparent"].endswith("-00")
    assert "tracestate" not in sent


@given(st.text(), st.text(), st.text())
def test_headers_can_be_sent_whatever_came_in(parent, state, request_id):
    with trace(parent, state, request_id):
        for value in tracing.headers().values():
            assert value.isascii()
            assert value.isprintable()


def test_calls_outside_of_a_request_are_traced_too():
    assert SHAPE.fullmatch(tracing.headers()["traceparent"])


def test_log_records_name_the_trace():
    record = logging.makeLogRecord({"msg": "hello"})
    with trace(PARENT, "", "r-1"):
        assert tracing.TraceFilter().filter(record)
    assert (record.trace_id, record.request_id) == ("4bf92f3577b34da6a3ce929d0e0e4736", "r-1")
    assert tracing.TraceFilter().filter(record)
    assert (record.trace_id, record.request_id) == ("", "")
