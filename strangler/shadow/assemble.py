"""One ext_proc stream put together: messages in, a request with its response out.

Envoy tells of one HTTP exchange as a stream of messages: request headers, body chunks, trailers,
then the same of the response. Each part says whether it is the last.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_proc_filter
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.shadow.observation import Exchange, Observation, Side, header

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envoy.service.ext_proc.v3.external_processor_pb2 import ProcessingRequest

    from strangler.shadow.observation import Headers

ROUTE_ATTRIBUTE = "xds.route_name"
ROUTE_HEADER = "x-strangler-route"
REQUEST_ID_HEADER = "x-request-id"


class Assembly:
    """Collects the messages of one stream.

    `size_bytes` is what its bodies hold in memory; `is_complete` says that the response ended.
    After `drop_bodies` it follows the stream to its end without keeping bytes.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
        self.is_complete = False
        self.is_dropping = False
        self.route = ""
        self._request: Headers = ()
        self._request_body: list[bytes] = []
        self._response: Headers = ()
        self._response_body: list[bytes] = []
        self._started_at = 0.0
        self._began_s = 0.0
        self._latency_ms = 0.0

    def add(self, message: ProcessingRequest, *, clock_s: float, at: float) -> None:
        """Take one message. `clock_s` is monotonic, `at` in seconds since the epoch."""
        part = message.WhichOneof("request")
        self.route = self.route or _route_attribute(message)
        if part == "request_headers":
            self._request = _headers(message.request_headers.headers.headers)
            self.route = self.route or header(self._request, ROUTE_HEADER)
            self._started_at, self._began_s = at, clock_s
        elif part == "request_body":
            self._keep(self._request_body, message.request_body.body)
        elif part == "response_headers":
            self._response = _headers(message.response_headers.headers.headers)
            self._latency_ms = (clock_s - self._began_s) * 1000
            self.is_complete = message.response_headers.end_of_stream
        elif part == "response_body":
            self._keep(self._response_body, message.response_body.body)
            self.is_complete = message.response_body.end_of_stream
        elif part == "response_trailers":
            self.is_complete = True

    def drop_bodies(self) -> None:
        """Forget the bodies and keep none from now on: the exchange will make no pair."""
        self._request_body.clear()
        self._response_body.clear()
        self.size_bytes = 0
        self.is_dropping = True

    def result(self) -> tuple[Exchange, Observation] | None:
        """Return the request and the control's outcome; None when the stream was malformed."""
        method, target = header(self._request, ":method"), header(self._request, ":path")
        status = header(self._response, ":status")
        if not (method and target and status.isdigit()):
            return None
        exchange = Exchange(
            method=method,
            target=target,
            headers=_without_pseudo(self._request),
            body=b"".join(self._request_body),
            route=self.route,
            request_id=header(self._request, REQUEST_ID_HEADER),
            received_at=self._started_at,
        )
        control = Observation(
            side=Side.CONTROL,
            status=int(status),
            headers=_without_pseudo(self._response),
            body=b"".join(self._response_body),
            latency_ms=self._latency_ms,
        )
        return exchange, control

    def _keep(self, chunks: list[bytes], chunk: bytes) -> None:
        if not self.is_dropping:
            chunks.append(chunk)
            self.size_bytes += len(chunk)


def _route_attribute(message: ProcessingRequest) -> str:
    for group in message.attributes.values():
        if ROUTE_ATTRIBUTE in group.fields:
            return str(group.fields[ROUTE_ATTRIBUTE].string_value)
    return ""


def _headers(raw: Iterable[object]) -> Headers:
    """Envoy fills `raw_value` or, by a runtime flag of former versions, `value`."""
    pairs = []
    for item in raw:
        key, value, raw_value = (getattr(item, name) for name in ("key", "value", "raw_value"))
        pairs.append((str(key), raw_value.decode("latin-1") if raw_value else str(value)))
    return tuple(pairs)


def _without_pseudo(headers: Headers) -> Headers:
    """Take out HTTP/2's own fields; `:authority` is what HTTP/1 calls Host."""
    authority = header(headers, ":authority")
    rest = tuple(pair for pair in headers if not pair[0].startswith(":"))
    return (("host", authority), *rest) if authority and not header(rest, "host") else rest
