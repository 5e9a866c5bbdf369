"""The control API's server: JSON over HTTP on a loopback address, guarded.

A web page opened in a browser on the same machine must not reach it: requests with an Origin or
with a Host that is not a loopback name (DNS rebinding) are refused, and bodies count only as
application/json. Where `STRANGLER_CONTROL_TOKEN` is set, every request must carry it as a bearer
token. What it answers is told in `control_api`.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import socket
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from strangler.engines.control_api import Answer, ControlApi, problem
from strangler.errors import EngineError
from strangler.policy.trust import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from strangler.engines.registry import Registry
    from strangler.policy.model import Address

TOKEN_VARIABLE = "STRANGLER_CONTROL_TOKEN"  # noqa: S105 - the variable's name
MAX_BODY_BYTES = 16 * 1024
IDLE_TIMEOUT_S = 30.0
logger = logging.getLogger(__name__)


class ControlServer:
    """Serves the control API from threads of its own between `start` and `stop`."""

    def __init__(
        self,
        registry: Registry,
        address: Address,
        *,
        status: Callable[[], dict[str, Any]],
        upstreams: Callable[[], Collection[str]],
        token: str | None = None,
    ) -> None:
        """Prepare to serve; nothing is bound yet.

        `status` and `upstreams` are asked at every request, so they follow the policy. Port 0
        binds a free port. `token` is taken from the environment when not given.
        """
        self.api = ControlApi(registry, status=status, upstreams=upstreams)
        self.token = os.environ.get(TOKEN_VARIABLE, "") if token is None else token
        self._asked = address
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        if self._server is None:
            return f"http://{self._asked}"
        host, port = self._server.server_address[:2]
        text = host.decode() if isinstance(host, bytes) else host
        return f"http://[{text}]:{port}" if ":" in text else f"http://{text}:{port}"

    def start(self) -> None:
        """Bind and serve.

        Raises:
            EngineError: when the address is not of this machine's loopback or is in use.
        """
        if not is_loopback(self._asked.host):
            raise EngineError(f"the control API listens on loopback only, not on {self._asked}")
        try:
            self._server = _server_class(self._asked)((self._asked.host, self._asked.port), self)
        except OSError as error:
            raise EngineError(
                f"the control API cannot listen on {self._asked}: {error.strerror or error}; "
                "stop what listens there, or set proxy.control to another port"
            ) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="control-api", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port. Does nothing when not started."""
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], control: ControlServer) -> None:
        self.control = control
        super().__init__(address, _Handler)

    def handle_error(self, _request: object, client_address: object) -> None:
        logger.debug("a connection from %s broke: %s", client_address, sys.exception())


class _Server6(_Server):
    address_family = socket.AF_INET6


def _server_class(address: Address) -> type[_Server]:
    return _Server6 if ":" in address.host else _Server


class _Handler(BaseHTTPRequestHandler):
    """One connection: read, guard, answer."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "strangler"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S

    def _handle(self) -> None:
        body, refusal = self._read()
        refusal = self._guard() or refusal
        if refusal:
            self.close_connection = True
            self._send(*refusal)
            return
        try:
            answer = self.server.control.api.answer(self.command, self.path, body)
        except Exception:
            logger.exception("%s %s failed", self.command, self.path)
            answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this failed; see the proxy's log")
        self._send(*answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = _handle  # noqa: N815

    def _read(self) -> tuple[bytes, Answer | None]:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            return b"", problem(HTTPStatus.LENGTH_REQUIRED, "send a Content-Length")
        if int(length) > MAX_BODY_BYTES:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return b"", problem(status, f"a body may have {MAX_BODY_BYTES} bytes, not {length}")
        body = self.rfile.read(int(length))
        if (body or self.command == "POST") and (
            self.headers.get_content_type() != "application/json"
            or "Content-Type" not in self.headers
        ):
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            return b"", problem(status, "send the body as application/json")
        return body, None

    def _guard(self) -> Answer | None:
        if "Origin" in self.headers:
            return problem(HTTPStatus.FORBIDDEN, "requests of web pages are not answered")
        host = self.headers.get_all("Host", [])
        if len(host) != 1 or not is_loopback(_host_name(host[0])):
            return problem(
                HTTPStatus.FORBIDDEN, f"the Host must be a loopback name, not {', '.join(host)!r}"
            )
        token = self.server.control.token
        sent = self.headers.get("Authorization", "")
        if token and not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
            return problem(
                HTTPStatus.UNAUTHORIZED, f"send the token of {TOKEN_VARIABLE} as a bearer token"
            )
        return None

    def _send(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the parser of http.server refuses, in JSON too."""
        self.close_connection = True
        status = HTTPStatus(code)
        self._send(*problem(status, message or explain or status.phrase))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        logger.debug("%s %s", self.address_string(), format % args)


def _host_name(host: str) -> str:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.removeprefix("[").removesuffix("]").lower()
