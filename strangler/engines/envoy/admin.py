"""Talk to a running Envoy over its admin socket, which only our own user can open."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING

from strangler.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 5.0


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Admin:
    """The admin interface of one Envoy."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, target: str) -> str:
        """Return the body of a GET.

        Raises:
            EngineError: when Envoy does not answer, or not with 200.
        """
        return self._ask("GET", target)

    def post(self, target: str) -> str:
        """Return the body of a POST; errors as `get`."""
        return self._ask("POST", target)

    def is_ready(self) -> bool:
        """Return whether Envoy has loaded everything and listens."""
        try:
            return self.get("/ready").startswith("LIVE")
        except EngineError:
            return False

    def stats(self, pattern: str) -> dict[str, str]:
        """Return the statistics whose names match a regular expression, as text by name."""
        lines = self.get(f"/stats?filter={pattern}").splitlines()
        pairs = (line.partition(": ") for line in lines)
        return {name: value.strip('"') for name, separator, value in pairs if separator}

    def _ask(self, method: str, target: str) -> str:
        connection = _UnixConnection(self.path)
        try:
            connection.request(method, target)
            response = connection.getresponse()
            body = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(
                f"Envoy's admin socket {self.path} does not answer: {error}"
            ) from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise EngineError(f"Envoy answered {response.status} to {target}: {body.strip()}")
        return body
