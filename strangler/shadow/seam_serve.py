"""The comparator of seams as a server, which `strangler shadow seams` runs.

POST /v1/pairs ─> parse ─> ShadowService ─> store ─> strangler shadow report --seams

SIGTERM and SIGINT stop it. Where it listens beyond this machine, callers must send
STRANGLER_SHADOW_TOKEN as bearer token.
"""

from __future__ import annotations

import hmac
import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from strangler.errors import StranglerError
from strangler.policy.trust import is_loopback
from strangler.shadow import seam
from strangler.shadow.service import ShadowService

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SEAMS_NAME = "seams.sqlite3"
"""File name of the seams' store inside the proxy's state directory."""
TOKEN_VARIABLE = "STRANGLER_SHADOW_TOKEN"  # noqa: S105 - a name
PATH = "/v1/pairs"
MAX_BODY_BYTES = 8 * 1024 * 1024
READ_TIMEOUT_S = 10.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = READ_TIMEOUT_S
    server: Comparator

    def do_POST(self) -> None:
        status, told = self._take()
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _take(self) -> tuple[int, dict[str, Any]]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            return 413, _error(f"send a Content-Length of at most {MAX_BODY_BYTES}")
        body = self.rfile.read(int(length))
        if not self.server.lets_in(self.headers.get("Authorization", "")):
            return 401, _error(f"send {TOKEN_VARIABLE} as bearer token")
        if self.path != PATH:
            return 404, _error(f"pairs are taken at {PATH}")
        try:
            pair = seam.parse(body)
        except seam.SeamPairError as error:
            return 400, _error(str(error))
        verdict = self.server.service.observe_pair(pair.exchange, pair.control, pair.candidate)
        return 200, {"outcome": str(verdict.outcome) if verdict else None}

    def log_message(self, *_args: Any) -> None:
        pass


class Comparator(ThreadingHTTPServer):
    """Takes pairs at an address.

    Raises:
        StranglerError: when it would listen beyond this machine without a token, or cannot.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, service: ShadowService, token: str) -> None:
        self.service, self._token = service, token
        if not token and not is_loopback(host):
            raise StranglerError(
                f"{host} can be reached from elsewhere: set {TOKEN_VARIABLE}, or take 127.0.0.1"
            )
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise StranglerError(f"cannot listen on {host}:{port}: {error.strerror}") from None

    def lets_in(self, authorization: str) -> bool:
        """Tell whether a caller has the token, where there is one."""
        wanted = f"Bearer {self._token}"
        return not self._token or hmac.compare_digest(authorization.encode(), wanted.encode())


def serve(listen: str, store: Path, tell: Callable[[str], None]) -> Mapping[str, int]:
    """Take pairs at HOST:PORT until SIGTERM or SIGINT; return how many came to which outcome.

    `tell` is called with the address once it listens.

    Raises:
        StranglerError: when that cannot begin.
    """
    stopping = {signal.SIGTERM, signal.SIGINT}
    host, port = _address(listen)
    former = signal.pthread_sigmask(signal.SIG_BLOCK, stopping)  # before threads can get them
    try:
        service = ShadowService(store, seam.target_of, workers=1)
        try:
            comparator = Comparator(host, port, service, os.environ.get(TOKEN_VARIABLE, ""))
            threading.Thread(target=comparator.serve_forever, args=(0.1,), daemon=True).start()
            tell(f"{host}:{comparator.server_port}")
            signal.sigwait(stopping)
            comparator.shutdown()
            comparator.server_close()
        finally:
            service.stop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
    return service.totals


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise StranglerError(f"--listen {text!r}: expected HOST:PORT")
    return host, int(port)


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}
