"""Recorded traffic as HAR files: exchanges with the response they had, in and out.

http://www.softwareishard.com/blog/har-12-spec/ - what browsers, mitmproxy and most tools write.
What is written here is redacted.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from strangler.errors import Problem, StranglerError
from strangler.shadow.observation import Exchange, Observation, Pair, Side, Verdict, header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from strangler.shadow.observation import Headers
    from strangler.shadow.redact import Redactor

Recorded = tuple[Exchange, Observation]
MAX_PROBLEMS = 10


class HarError(StranglerError):
    """A recording that cannot be read; the message lists what is wrong in it."""


def read_har(path: Path, route_of: Callable[[str, str], str] | None = None) -> list[Recorded]:
    """Return the exchanges of a recording in its order.

    `route_of` names the route of a method and a path; without it the path is the name. Entries
    without a response (status 0) are left out.

    Raises:
        HarError: when the file is missing, no HAR, or an entry of it is malformed; all at once.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))["log"]["entries"]
    except OSError as error:
        raise HarError(f"recording {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise HarError(f"recording {path} is no HAR file: {error!r}") from None
    if not isinstance(entries, list):
        raise HarError(f"recording {path} is no HAR file: log.entries is no list")
    recorded: list[Recorded] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries):
        try:
            found = _entry(entry, route_of or (lambda _, path: path))
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
            problems.append(Problem(str(path), 0, f"entry {number}: {error!r}"))
            continue
        if found[1].status:
            recorded.append(found)
    if problems:
        raise HarError("\n".join(str(problem) for problem in problems[:MAX_PROBLEMS]))
    return recorded


def write_har(recorded: Iterable[Recorded], redactor: Redactor) -> str:
    """Return the text of a HAR file with credentials and personal data redacted."""
    entries = []
    for exchange, response in recorded:
        pair = Pair(exchange, response, response)
        clean = redactor.redact(Verdict(pair)).pair
        entries.append(_written(clean.exchange, clean.control))
    creator = {"name": "strangler", "version": "1"}
    log = {"version": "1.2", "creator": creator, "pages": [], "entries": entries}
    return json.dumps({"log": log}, indent=1, ensure_ascii=False) + "\n"


def _entry(entry: dict[str, Any], route_of: Callable[[str, str], str]) -> Recorded:
    request, response = entry["request"], entry["response"]
    url = urlsplit(str(request["url"]))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = _headers(request)
    if not header(headers, "host"):
        headers = (("host", url.netloc), *headers)
    method = str(request["method"]).upper()
    exchange = Exchange(
        method=method,
        target=target,
        headers=headers,
        body=_content(request.get("postData") or {}),
        route=route_of(method, url.path or "/"),
        request_id=header(headers, "x-request-id"),
        received_at=dt.datetime.fromisoformat(entry["startedDateTime"]).timestamp(),
    )
    # A HAR holds bodies decoded, whatever their content-encoding was.
    kept = tuple(pair for pair in _headers(response) if pair[0] != "content-encoding")
    observation = Observation(
        Side.CONTROL,
        int(response["status"]),
        kept,
        _content(response.get("content") or {}),
        max(0.0, float(entry.get("time") or 0)),
    )
    return exchange, observation


def _headers(message: dict[str, Any]) -> Headers:
    return tuple(
        (str(item["name"]).lower(), str(item["value"]))
        for item in message["headers"]
        if not str(item["name"]).startswith(":")
    )


def _content(content: dict[str, Any]) -> bytes:
    text = content.get("text") or ""
    if content.get("encoding") == "base64":
        return base64.b64decode(text)
    return str(text).encode(errors="replace")


def _written(exchange: Exchange, response: Observation) -> dict[str, Any]:
    started = dt.datetime.fromtimestamp(exchange.received_at, dt.UTC)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": f"http://{exchange.host or 'localhost'}{exchange.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(exchange.headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(exchange.body),
    }
    if exchange.body:
        kind = header(exchange.headers, "content-type")
        request["postData"] = {"mimeType": kind, "text": exchange.body.decode()}
    return {
        "startedDateTime": started.isoformat(timespec="milliseconds"),
        "time": response.latency_ms,
        "request": request,
        "response": {
            "status": response.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(response.headers),
            "content": {
                "size": len(response.body),
                "mimeType": header(response.headers, "content-type"),
                "text": response.body.decode(),
            },
            "redirectURL": header(response.headers, "location"),
            "headersSize": -1,
            "bodySize": len(response.body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": response.latency_ms, "receive": 0},
    }


def _named(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
