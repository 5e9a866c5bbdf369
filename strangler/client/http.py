"""The transport over HTTP: pooled keep-alive, timeouts, retries of reads, errors by meaning.

operation and arguments ─> GET /v1/<operation>?a=... (reads with scalars) or POST JSON
                        ─> answer decoded by the operation's annotation, or its error raised

For the service "users", read when the transport is first used in a process:

    USERS_CLIENT_URL                 such as http://127.0.0.1:9101, under which /v1/... is served
    USERS_CLIENT_TOKEN               sent as a bearer token
    USERS_CLIENT_CONNECT_TIMEOUT_S   1 by default
    USERS_CLIENT_READ_TIMEOUT_S      5 by default
    USERS_CLIENT_RETRIES             2 by default; writes are repeated only where nothing was sent
    USERS_CLIENT_POOL                connections kept open, 10 by default
    REQUESTS_CA_BUNDLE               certificates to trust; nothing else of the environment is used
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from strangler.client import faults, wire
from strangler.client.failures import (
    MisconfiguredError,
    RefusedError,
    ServiceError,
    UnavailableError,
)

if TYPE_CHECKING:
    from strangler.client.service import Service

CONNECT_TIMEOUT_S, READ_TIMEOUT_S, RETRIES, POOL = 1.0, 5.0, 2, 10
BACKOFF_FACTOR_S = 0.1
UNAVAILABLE = (502, 503, 504)
REFUSED = (401, 403, 404, 405)
URL_LIMIT_BYTES = 1500
OK = 200


class Http:
    """Calls the operations of a service at its URL."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._pid = 0
        self._reads = self._writes = requests.Session()
        self._timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Return the operation's result, decoded.

        Raises:
            ServiceError: in one of its kinds.
            ObjectDoesNotExist: and the other errors that `faults` lists.
        """
        if self._pid != os.getpid():
            self._connect(operation)
        url = f"{self._base_url(operation)}/v1/{operation}"
        try:
            response = self._send(operation, arguments, url)
        except requests.RequestException as error:
            raise UnavailableError(
                self._service.name,
                operation,
                f"no answer ({_reason(error)}); does the service run, and is "
                f"{self._service.variable('URL')} its address?",
                url=url,
            ) from error
        if response.status_code == OK:
            return self._decoded(operation, response, url)
        raise self._refusal(operation, response, url)

    def close(self) -> None:
        """Close the connections; the next call opens new ones, by the environment of then."""
        self._reads.close()
        self._writes.close()
        self._pid = 0

    def _send(self, operation: str, arguments: dict[str, Any], url: str) -> requests.Response:
        headers = {"Accept": "application/json"}
        token = self._service.setting("TOKEN")
        if token:
            if not token.isascii() or not token.isprintable():
                raise MisconfiguredError(
                    self._service.name,
                    operation,
                    f"{self._service.variable('TOKEN')} must be printable ASCII, as headers are",
                )
            headers["Authorization"] = "Bearer " + token
        common: dict[str, Any] = {"timeout": self._timeout, "allow_redirects": False}
        session, query = self._writes, None
        if operation not in self._service.writes:
            session = self._reads
            query = wire.query(arguments, wire.signature(self._service.operations, operation))
        if query is not None and len(url) + len(query) < URL_LIMIT_BYTES:
            return session.get(f"{url}?{query}" if query else url, headers=headers, **common)
        headers["Content-Type"] = "application/json"
        return session.post(url, data=wire.dumps(arguments), headers=headers, **common)

    def _decoded(self, operation: str, response: requests.Response, url: str) -> Any:
        kind = wire.signature(self._service.operations, operation).get("return")
        try:
            return wire.decode(kind, wire.loads(response.content))
        except ValueError as error:
            raise ServiceError(
                self._service.name,
                operation,
                f"the answer is not what the contract says: {error}; "
                "deploy client and service of one contract",
                url=url,
                status=response.status_code,
            ) from error

    def _refusal(self, operation: str, response: requests.Response, url: str) -> ServiceError:
        """Return what to raise; raises the owner's own error itself."""
        status, service = response.status_code, self._service
        try:
            content = dict(wire.loads(response.content)["error"])
        except (ValueError, TypeError, KeyError):
            content = {}
        faults.raise_told(service, operation, content, url)
        message = str(content.get("message") or "what answers is not this service")
        kind: type[ServiceError] = ServiceError
        if status in UNAVAILABLE:
            kind = UnavailableError
        elif status in REFUSED:
            kind = RefusedError
            message += f"; check {service.variable('URL')} and {service.variable('TOKEN')}"
        return kind(service.name, operation, message, url=url, status=status)

    def _base_url(self, operation: str) -> str:
        url = self._service.setting("URL").rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise MisconfiguredError(
                self._service.name,
                operation,
                f"{self._service.variable('URL')} must be where the service is, "
                f"such as http://127.0.0.1:9101, got {url!r}",
            )
        return url

    def _connect(self, operation: str) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return  # another thread was first
            self._timeout = (
                self._number(operation, "CONNECT_TIMEOUT_S", CONNECT_TIMEOUT_S),
                self._number(operation, "READ_TIMEOUT_S", READ_TIMEOUT_S),
            )
            retries = int(self._number(operation, "RETRIES", RETRIES))
            anything: dict[str, Any] = {"allowed_methods": None, "raise_on_status": False}
            self._reads = self._session(
                operation,
                Retry(
                    retries,
                    backoff_factor=BACKOFF_FACTOR_S,
                    status_forcelist=UNAVAILABLE,
                    respect_retry_after_header=False,
                    **anything,
                ),
            )
            self._writes = self._session(
                operation,
                Retry(
                    retries, read=0, other=0, status=0, backoff_factor=BACKOFF_FACTOR_S, **anything
                ),
            )
            self._pid = os.getpid()

    def _session(self, operation: str, retry: Retry) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        pool = int(self._number(operation, "POOL", POOL))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool, max_retries=retry)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def _number(self, operation: str, name: str, default: float) -> float:
        text = self._service.setting(name)
        try:
            number = float(text or default)
        except ValueError:
            number = -1.0
        if number < 0:
            raise MisconfiguredError(
                self._service.name,
                operation,
                f"{self._service.variable(name)} must be a number from 0, got {text!r}",
            )
        return number


def _reason(error: BaseException) -> str:
    """Return what went wrong at the bottom, without addresses of objects."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = inner.__cause__ or inner.__context__ or _argument(inner)
    return type(error).__name__


def _argument(error: BaseException) -> BaseException | None:
    for part in (getattr(error, "reason", None), *error.args):
        if isinstance(part, BaseException):
            return part
    return None
