"""One trace id for all that a request causes, by W3C Trace Context.

https://www.w3.org/TR/trace-context/: `traceparent: 00-<trace id>-<parent id>-<flags>`. What came in
is passed on with a parent id of its own for every call; where nothing came in a trace begins here,
not sampled, since nobody here records spans. A tracer that instruments `requests` overrules this.

`TraceFilter` gives log records `trace_id` and `request_id`, for formatters to print.
"""

from __future__ import annotations

import logging
import random
import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextvars import Token

PARENT, STATE, REQUEST_ID = "traceparent", "tracestate", "X-Request-ID"
STATE_LIMIT, REQUEST_ID_LIMIT = 512, 128
_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_VISIBLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True)
class Trace:
    """Which trace this is; `flags` are two hexadecimal digits, "01" when it is sampled."""

    trace_id: str
    flags: str = "00"
    state: str = ""
    request_id: str = ""


_current: ContextVar[Trace | None] = ContextVar("strangler_trace", default=None)


def current() -> Trace | None:
    """Return the trace of the request that is being answered; None outside of any."""
    return _current.get()


def begin(parent: str = "", state: str = "", request_id: str = "") -> Token[Trace | None]:
    """Take up the trace that these headers name, or begin one; `end` leaves it again."""
    found = _PARENT.match(parent)
    state = state if found and len(state) <= STATE_LIMIT and _VISIBLE.fullmatch(state) else ""
    usable = len(request_id) <= REQUEST_ID_LIMIT and _VISIBLE.fullmatch(request_id)
    kept = request_id if usable else ""
    if found:
        return _current.set(Trace(found[1], found[2], state, kept))
    return _current.set(Trace(_hexadecimal(128), request_id=kept))


def end(token: Token[Trace | None]) -> None:
    """Leave a trace."""
    _current.reset(token)


def headers() -> dict[str, str]:
    """Return the headers of a call that is sent now."""
    trace = _current.get()
    if trace is None:
        return {PARENT: f"00-{_hexadecimal(128)}-{_hexadecimal(64)}-00"}
    sent = {PARENT: f"00-{trace.trace_id}-{_hexadecimal(64)}-{trace.flags}"}
    if trace.state:
        sent[STATE] = trace.state
    if trace.request_id:
        sent[REQUEST_ID] = trace.request_id
    return sent


class TraceFilter(logging.Filter):
    """Adds `trace_id` and `request_id` to records, empty outside of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        trace = _current.get()
        record.trace_id = trace.trace_id if trace else ""
        record.request_id = trace.request_id if trace else ""
        return True


def _hexadecimal(bits: int) -> str:
    return f"{random.getrandbits(bits) or 1:0{bits // 4}x}"
