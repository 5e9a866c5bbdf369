"""One request asked of both sides, and the answers held to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from strangler.shadow.compare import compare
from strangler.shadow.observation import Observation, Side
from strangler.shadow.rules import Rules

if TYPE_CHECKING:
    from tests.servers.shop import Shop, Site

HEADERS_LEFT_OUT = {
    "date": "the moment of the answer",
    "server": "the software that serves",
    "connection": "belongs to the one connection",
    "keep-alive": "belongs to the one connection",
}
HOST = "shop.localhost:8080"


@dataclass(frozen=True)
class Ask:
    """One request; `who` names a credential of the fixture `credentials`."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    who: str = ""
    body: str | None = None

    def __str__(self) -> str:
        extra = "".join(f" {name}={value}" for name, value in self.headers.items())
        return f"{self.method} {self.path}{extra}" + (f" as {self.who}" if self.who else "")


def ask(site: Site, wanted: Ask, credentials: dict[str, dict[str, str]]) -> requests.Response:
    headers = {"Host": HOST, **wanted.headers, **credentials[wanted.who]}
    return requests.request(
        wanted.method, site.url + wanted.path, headers=headers, data=wanted.body,
        allow_redirects=False, timeout=10,
    )  # fmt: skip


def observation(side: Side, response: requests.Response) -> Observation:
    headers = tuple((name.lower(), value) for name, value in response.headers.items())
    return Observation(side, response.status_code, headers, response.content, latency_ms=0.0)


def assert_same(shop: Shop, wanted: Ask, credentials: dict[str, dict[str, str]]) -> int:
    """Hold the service to the monolith's answer, by every header and by the project's own compare.

    Returns the status of the two.
    """
    control = ask(shop.monolith, wanted, credentials)
    candidate = ask(shop.products, wanted, credentials)
    assert seen(candidate) == seen(control), str(wanted)
    pair = observation(Side.CONTROL, control), observation(Side.CANDIDATE, candidate)
    assert compare(*pair, Rules()) == (), str(wanted)
    return control.status_code


def seen(response: requests.Response) -> dict[str, object]:
    headers = {
        name.lower(): value
        for name, value in response.headers.items()
        if name.lower() not in HEADERS_LEFT_OUT
    }
    return {"status": response.status_code, "headers": headers, "body": response.text}
