"""The comparator of seams as a process: `python -m strangler.shadow.seam_serve --store FILE`.

POST /v1/pairs ─> parse ─> ShadowService ─> store ─> strangler shadow report --store FILE

It prints one JSON line when it listens and one at its end. SIGTERM and SIGINT stop it. Where it
listens beyond this machine, callers must send STRANGLER_SHADOW_TOKEN as bearer token.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strangler.errors import StranglerError
from strangler.policy.trust import is_loopback
from strangler.shadow import seam
from strangler.shadow.serve import say
from strangler.shadow.service import ShadowService

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def build_parser() -> argparse.ArgumentParser:
    """Return the process's options."""
    parser = argparse.ArgumentParser(prog="strangler.shadow.seam_serve", description=__doc__)
    parser.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8090")
    parser.add_argument("--store", type=Path, required=True, help="SQLite file of the pairs")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal; return 2 when that cannot begin."""
    args = build_parser().parse_args(argv)
    stopping = {signal.SIGTERM, signal.SIGINT}
    try:
        host, port = _address(args.listen)
        signal.pthread_sigmask(signal.SIG_BLOCK, stopping)  # before there are threads to get them
        service = ShadowService(args.store, seam.target_of, workers=1)
        comparator = Comparator(host, port, service, os.environ.get(TOKEN_VARIABLE, ""))
    except StranglerError as error:
        print(f"strangler.shadow.seam_serve: {error}", file=sys.stderr)
        return 2
    threading.Thread(target=comparator.serve_forever, args=(0.1,), daemon=True).start()
    say("listening", host=host, port=comparator.server_port)
    signal.sigwait(stopping)
    comparator.shutdown()
    comparator.server_close()
    service.stop()
    say("stopped", **service.totals)
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise StranglerError(f"--listen {text!r}: expected HOST:PORT")
    return host, int(port)


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}


if __name__ == "__main__":
    sys.exit(main())
