"""Finished flows, redacted, into a mitmproxy flow file; and that file into HAR.

    flow -> as it came (Exchange, Observation) -> redact -> a flow that holds nothing else -> file

What a flow says besides (addresses of clients, WebSocket messages, connections) is not copied.
Redacting and writing happen in a thread of their own, so they delay no response.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import json
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from mitmproxy import connection, exceptions, http
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.flow import Error
from mitmproxy.io import FlowReader, FlowWriter

from strangler.engines.mitm.exchange import exchange_of
from strangler.engines.mitm.observe import observed, received
from strangler.engines.mitm.parse import bytes_of
from strangler.errors import EngineError
from strangler.policy.model import Side
from strangler.shadow.observation import Pair, Verdict
from strangler.shadow.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from strangler.engines.mitm.exchange import Exchange
    from strangler.shadow.observation import Observation

REPORT_EVERY_S = 0.5
REDACTED_CLIENT = ("0.0.0.0", 0)  # noqa: S104 - no address is bound, it stands for one


class Recorder:
    """Writes every finished flow to `path`, which is made readable by its owner only.

    `report` is told the number of flows written, now and then and at the end. Equal secrets have
    equal placeholders within one recording, and no two recordings share them.
    """

    def __init__(self, path: Path, report: Callable[[int], None]) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "ab")
        self._writer = FlowWriter(self._file)
        self._redactor = Redactor(secrets.token_bytes(32))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._report = report
        self._reported_at_s = 0.0
        self.count = 0

    def response(self, flow: http.HTTPFlow) -> None:
        """Record a flow that was answered."""
        self._record(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        """Record a flow that broke off."""
        self._record(flow)

    def done(self) -> None:
        """Write what is left and close the file."""
        self._thread.shutdown(wait=True)
        self._file.close()
        self._report(self.count)

    def _record(self, flow: http.HTTPFlow) -> None:
        exchange = exchange_of(flow)
        if exchange:
            outcome = observed(flow, exchange)
            error = flow.error.msg if flow.error else ""
            body = flow.request.raw_content or b""
            self._thread.submit(self._write, exchange, body, outcome, error)

    def _write(self, exchange: Exchange, body: bytes, outcome: Observation, error: str) -> None:
        pair = Pair(received(exchange, body), outcome, outcome)
        redacted = self._redactor.redact(Verdict(pair)).pair
        self._writer.add(_flow_of(redacted, exchange, error))
        self._file.flush()
        self.count += 1
        if time.monotonic() - self._reported_at_s > REPORT_EVERY_S:
            self._reported_at_s = time.monotonic()
            self._report(self.count)


def _flow_of(pair: Pair, exchange: Exchange, error: str) -> http.HTTPFlow:
    """Return a flow made only of what was redacted."""
    client = connection.Client(peername=REDACTED_CLIENT, sockname=REDACTED_CLIENT)
    server = connection.Server(address=(exchange.answered_by or "nobody", 80))
    flow = http.HTTPFlow(client, server)
    asked, outcome = pair.exchange, pair.control
    host, _, port = asked.host.rpartition(":")
    flow.request = http.Request(
        host=host if port.isdigit() else asked.host,
        port=int(port) if host and port.isdigit() else 80,
        method=bytes_of(asked.method),
        scheme=b"http",
        authority=b"",
        path=bytes_of(asked.target),
        http_version=b"HTTP/1.1",
        headers=_headers(asked.headers),
        content=asked.body,
        trailers=None,
        timestamp_start=asked.received_at,
        timestamp_end=asked.received_at,
    )
    ended_at = asked.received_at + outcome.latency_ms / 1000
    if outcome.status:
        flow.response = http.Response(
            b"HTTP/1.1", outcome.status, b"", _headers(outcome.headers), outcome.body, None,
            ended_at, ended_at,
        )  # fmt: skip
    if error:
        flow.error = Error(error, ended_at)
    decision = exchange.decision
    flow.metadata = {"route": decision.route, "upstream": exchange.answered_by}
    side = "candidate" if decision.side is Side.CANDIDATE else "control"
    flow.comment = f"{decision.route or 'no route'}: {side}, answered by {exchange.answered_by}"
    return flow


def _headers(headers: tuple[tuple[str, str], ...]) -> http.Headers:
    return http.Headers([(bytes_of(name), bytes_of(value)) for name, value in headers])


def read_flows(path: Path) -> Iterator[http.HTTPFlow]:
    """Yield the HTTP flows of a mitmproxy flow file or HAR file.

    Raises:
        EngineError: when the file cannot be read or is neither.
    """
    try:
        with path.open("rb") as file:
            for flow in FlowReader(file).stream():
                if isinstance(flow, http.HTTPFlow):
                    yield flow
    except OSError as error:
        raise EngineError(f"cannot read {path}: {error.strerror}") from None
    except exceptions.FlowReadException:
        raise EngineError(
            f"{path} is not a mitmproxy flow file or a HAR file; make one with strangler record"
        ) from None


def write_har(flows: Path, har: Path) -> int:
    """Write a flow file as HAR, whole or not at all, and return the number of entries."""
    content = SaveHar().make_har(list(read_flows(flows)))
    partial = har.with_name(har.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    partial.replace(har)
    return len(content["log"]["entries"])
