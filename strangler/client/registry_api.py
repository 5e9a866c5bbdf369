"""Calls to the proxy's control API, with one error for all that can go wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

TIMEOUT_S = 2.0


class ControlError(Exception):
    """The control API refused a request or cannot be reached.

    `status` is the HTTP status, 0 when there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class ControlApi:
    """The control API at `url`, e.g. "http://127.0.0.1:8081". Not for use by several threads.

    Proxies named in the environment are not used: the API is on loopback, or behind a tunnel.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = "Bearer " + token

    def register(self, registration: dict[str, Any]) -> dict[str, Any]:
        """Register an instance; return what it is known as, its `ttl_s` and its `beat_s`.

        Raises:
            ControlError: when it is refused (status 4xx) or nothing answers (status 0).
        """
        return self._call("POST", "/v1/instances", registration)

    def beat(self, instance_id: str) -> dict[str, Any]:
        """Keep an instance alive. Raises ControlError, with status 404 when it must register."""
        return self._call("PUT", "/v1/instances/" + quote(instance_id, safe=""))

    def deregister(self, instance_id: str) -> None:
        """Remove an instance. Raises ControlError, with status 404 when it is not there."""
        self._call("DELETE", "/v1/instances/" + quote(instance_id, safe=""))

    def instances(self) -> list[dict[str, Any]]:
        """Return who has joined. Raises ControlError."""
        found: list[dict[str, Any]] = self._call("GET", "/v1/instances")["instances"]
        return found

    def status(self) -> dict[str, Any]:
        """Return how the running proxy is doing. Raises ControlError."""
        return self._call("GET", "/v1/status")

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _call(
        self, method: str, path: str, content: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            response = self._session.request(
                method, self.url + path, json=content, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            reason = _innermost(error)
            raise ControlError(f"no control API answers at {self.url}: {reason}") from error
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if isinstance(answer, dict) and response.ok:
            return answer
        told = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(told, dict) and told.get("message"):
            raise ControlError(str(told["message"]), response.status_code)
        raise ControlError(
            f"what answers at {self.url} is not the control API (status {response.status_code})"
        )


def _innermost(error: BaseException) -> str:
    reason: BaseException | None = error
    while reason is not None and not isinstance(reason, OSError):
        reason = reason.__cause__ or reason.__context__
    while reason is not None:
        inner = reason.__cause__ or reason.__context__
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        reason = inner
    return type(error).__name__
