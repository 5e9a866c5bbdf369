"""The transport over HTTP.

operation and arguments ─> GET /v1/<operation>?a=... (reads with scalars) or POST JSON
                        ─> kept answer? else network.attempts ─> answers ─> result or error

`strangler.client.options` lists the environment variables. URL and token are read at every call,
the others when the transport is first used in a process, and again after `Service.close()`.

Writes carry an idempotency key. One that may have arrived is sent again only to a service that has
said that it keeps keys; such a service does it once, and one that does not refuses the repetition.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from strangler.client import answers, metrics, wire
from strangler.client.failures import DeadlineError, MisconfiguredError
from strangler.client.idempotency import keys
from strangler.client.network.attempts import Reply
from strangler.client.network.cache import entry_of
from strangler.client.network.link import Link
from strangler.client.options import Options
from strangler.client.propagation import context, deadline, identity

if TYPE_CHECKING:
    from strangler.client.network.link import Plan
    from strangler.client.service import Service

URL_LIMIT_BYTES = 1500
OK = 200
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "strangler-client",
}


@dataclass(frozen=True)
class Prepared:
    """One call as it is sent; `key` is a write's idempotency key."""

    operation: str
    method: str
    base_url: str
    query: str
    headers: dict[str, str]
    body: bytes | None
    user_id: str
    key: str = ""

    @property
    def url(self) -> str:
        """Where the operation is, without arguments: they may be personal data."""
        return f"{self.base_url}/v1/{self.operation}"


class Http:
    """Calls the operations of a service at its URL.

    `purpose` marks a transport that must not disturb the others: what it learns stays its own.
    """

    def __init__(self, service: Service, *, purpose: str = "") -> None:
        self._service, self._purpose = service, purpose
        self._lock = threading.Lock()
        self._link: Link | None = None

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Return the operation's result, decoded.

        Raises:
            ServiceError: in one of its kinds.
            ObjectDoesNotExist: and the other errors that `faults` lists.
        """
        link = self._linked(operation)
        plan = link.plan(operation)
        if operation in self._service.writes:
            try:
                prepared, reply = self._ask(link, plan, operation, arguments)
            finally:
                self._service.cache.invalidate()
        elif plan.cache_s:
            return self._call_cached(link, plan, operation, arguments)
        else:
            prepared, reply = self._ask(link, plan, operation, arguments)
        return answers.result(self._service, operation, reply, prepared.url)

    def ask(self, operation: str, arguments: dict[str, Any]) -> Reply:
        """Return what the service answers, whatever its status; never a kept answer.

        Raises:
            ServiceError: when it does not answer.
        """
        link = self._linked(operation)
        return self._ask(link, link.plan(operation), operation, arguments)[1]

    def close(self) -> None:
        """Close the connections; the next call opens new ones, by the environment of then."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _call_cached(
        self, link: Link, plan: Plan, operation: str, arguments: dict[str, Any]
    ) -> Any:
        cache, name = self._service.cache, self._service.name
        entry = entry_of(operation, arguments, identity.current())
        kept = cache.get(entry)
        if kept is not None:
            metrics.CACHE.add(name, operation, "hit")
            return answers.result(self._service, operation, Reply(OK, kept, {}), "")
        metrics.CACHE.add(name, operation, "miss")
        era = cache.era
        prepared, reply = self._ask(link, plan, operation, arguments)
        result = answers.result(self._service, operation, reply, prepared.url)
        cache.put(entry, reply.content, for_s=plan.cache_s, era=era)
        return result

    def _ask(
        self, link: Link, plan: Plan, operation: str, arguments: dict[str, Any]
    ) -> tuple[Prepared, Reply]:
        token = deadline.begin(plan.timeout_s)
        try:
            prepared = self._prepared(operation, arguments)
            left_s = deadline.left_s() or 0.0
            if left_s <= 0:
                raise DeadlineError(
                    self._service.name, operation, "no time was left; nothing was sent",
                    url=prepared.url,
                )  # fmt: skip
            course = link.attempts.run(
                operation,
                plan.breaker,
                lambda arrived: self._send(link, prepared, arrived),
                may_repeat=lambda: not prepared.key or self._keeps_keys(link),
                is_pending=lambda reply: bool(prepared.key) and answers.is_pending(reply),
            )
            if course.reply is None:
                raise answers.silence(
                    self._service,
                    operation,
                    course,
                    prepared.url,
                    left_s,
                    is_write=bool(prepared.key),
                )
        finally:
            deadline.end(token)
        return prepared, course.reply

    def _prepared(self, operation: str, arguments: dict[str, Any]) -> Prepared:
        service, base_url = self._service, self._base_url(operation)
        user_id = identity.current()
        headers = {**HEADERS, **self._authorization(operation)}
        is_write = operation in service.writes
        key = keys.next_key(service.name, operation) if is_write else ""
        query = None
        if not is_write:
            query = wire.query(arguments, wire.signature(service.operations, operation))
        if query is not None and len(base_url) + len(operation) + len(query) < URL_LIMIT_BYTES:
            suffix = f"?{query}" if query else ""
            return Prepared(operation, "GET", base_url, suffix, headers, None, user_id)
        headers["Content-Type"] = "application/json"
        if key:
            headers[keys.HEADER] = key
        body = wire.dumps(arguments).encode()
        return Prepared(operation, "POST", base_url, "", headers, body, user_id, key)

    def _send(self, link: Link, prepared: Prepared, arrived: int) -> Reply:
        headers = {**prepared.headers, **context.sent(prepared.user_id)}
        if arrived and prepared.key:
            headers[keys.ATTEMPT_HEADER] = str(arrived + 1)
        try:
            reply = link.send(
                prepared.method, prepared.url + prepared.query, headers, prepared.body
            )
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader) as error:
            raise MisconfiguredError(
                self._service.name, prepared.operation, f"nothing can be sent: {error}",
                url=prepared.url,
            ) from error  # fmt: skip
        if reply.status == OK:
            link.keeps_keys = reply.headers.get(keys.KEPT_HEADER) == keys.KEPT
        return reply

    def _keeps_keys(self, link: Link) -> bool:
        decided = link.options.idempotency
        return link.keeps_keys if decided == "learned" else decided == "always"

    def _authorization(self, operation: str) -> dict[str, str]:
        token = self._service.setting("TOKEN")
        if not token:
            return {}
        if not token.isascii() or not token.isprintable():
            raise MisconfiguredError(
                self._service.name,
                operation,
                f"{self._service.variable('TOKEN')} must be printable ASCII, as headers are",
            )
        return {"Authorization": "Bearer " + token}

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

    def _linked(self, operation: str) -> Link:
        link = self._link
        if link is not None and link.pid == os.getpid():
            return link
        with self._lock:
            if self._link is None or self._link.pid != os.getpid():
                options = Options.read(self._service.name, operation)
                self._service.cache.entries = options.cache_entries
                self._link = Link(options, purpose=self._purpose)
            return self._link
