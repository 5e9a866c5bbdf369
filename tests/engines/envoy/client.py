"""A client, and load from many of them that keeps every answer."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def upstream(self) -> str:
        return self.headers.get("x-strangler-upstream", "")


@dataclass
class Client:
    """One keep-alive connection; opened again after an error."""

    port: int
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send("GET", path, headers)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            self.connection.request(method, path, body, dict(headers or {}))
            response = self.connection.getresponse()
            answer = Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return answer

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass
class Load:
    """What a load has seen so far."""

    answers: list[Answer] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        bad = [f"{a.status} {a.body[:80]!r}" for a in self.answers if a.status != 200]
        return bad + self.errors

    @property
    def upstreams(self) -> Counter[str]:
        return Counter(answer.upstream for answer in self.answers)

    def wait_for_only(self, upstream: str, streak: int, timeout_s: float = 20.0) -> None:
        """Return when the last `streak` answers since now came from one upstream.

        Envoy's workers take up a policy one after the other, shortly after it was applied.
        """
        begin, deadline = len(self.answers), time.monotonic() + timeout_s
        while {answer.upstream for answer in self.answers[begin:][-streak:]} != {upstream} or (
            len(self.answers) < begin + streak
        ):
            assert time.monotonic() < deadline, f"{upstream} alone never answered"
            time.sleep(0.01)

    def wait_for(self, more: int, timeout_s: float = 20.0) -> None:
        """Return when `more` answers have come since now."""
        target, deadline = len(self.answers) + more, time.monotonic() + timeout_s
        while len(self.answers) < target:
            assert time.monotonic() < deadline, f"only {len(self.answers)} of {target} answers"
            time.sleep(0.01)


@contextmanager
def load(port: int, path: str, *, method: str = "GET", clients: int = 6) -> Iterator[Load]:
    """Send requests from several clients, each its own sticky user, until the block ends."""
    seen, stop = Load(), threading.Event()

    def run(number: int) -> None:
        client, count = Client(port), 0
        while not stop.is_set():
            count += 1
            request_id = f"{number}-{count}"
            headers = {"Cookie": f"strangler_user=u{number}-{count % 50}", "X-Id": request_id}
            body = b"{}" if method != "GET" else None
            seen.sent.append(request_id)
            try:
                seen.answers.append(client.send(method, path, headers, body))
            except (OSError, http.client.HTTPException) as error:
                seen.errors.append(f"{type(error).__name__}: {error}")
        client.close()

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join(TIMEOUT_S + 5)
