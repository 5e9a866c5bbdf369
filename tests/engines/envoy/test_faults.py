"""The service dies, freezes or fails under load: what clients see, and what ran twice."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from strangler.policy import Request, decide
from tests.engines.envoy.client import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.engines.envoy.conftest import Running
    from tests.servers.backend import Backend

POLICY = """
[upstreams.monolith]
instances = ["{monolith}"]
[upstreams.products]
instances = [{products}]
{health}
[routes.products]
path = "/api/products/{{id}}/"
candidate = "products"
stage = "canary"
share_pct = 50
candidate_timeout_s = 0.3
timeout_s = {timeout_s}
"""
PATH = "/api/products/7/"
HEALTH = 'health = { path = "/healthz", interval_s = 0.2, timeout_s = 0.2 }'


def policy(monolith: Backend, *products: Backend, health: str = "", timeout_s: float = 5) -> str:
    listed = ", ".join(f'"{backend.address}"' for backend in products)
    return POLICY.format(
        monolith=monolith.address, products=listed, health=health, timeout_s=timeout_s
    )


FAULTS: dict[str, Callable[[Backend], None]] = {
    "kill -9": lambda service: service.kill(),
    "SIGSTOP": lambda service: service.freeze(),
    "503": lambda service: service.behave(status=503),
    "hanging": lambda service: service.behave(hang_s=30),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("health", ["", HEALTH], ids=["unchecked", "checked"])
def test_reads_never_fail_whatever_happens_to_the_service(
    fault: str,
    health: str,
    backends: Callable[..., Backend],
    started: Callable[[str], Running],
) -> None:
    monolith, products = backends("monolith"), backends("products")
    proxy = started(policy(monolith, products, health=health))
    with load(proxy.port, PATH) as seen:
        seen.wait_for(100)
        assert set(seen.upstreams) == {"monolith", "products"}
        FAULTS[fault](products)
        seen.wait_for(200)
    assert seen.failures == []


@pytest.mark.parametrize("fault", ["kill -9", "503"])
def test_no_write_is_executed_twice(
    fault: str, backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    proxy = started(policy(monolith, products, timeout_s=2))
    with load(proxy.port, PATH, method="POST") as seen:
        seen.wait_for(100)
        FAULTS[fault](products)
        seen.wait_for(200)
    executed = Counter(monolith.writes() + products.writes())
    assert [request for request, times in executed.items() if times > 1] == []
    assert len(executed) >= sum(answer.status == 200 for answer in seen.answers)
    assert set(executed) <= set(seen.sent)


def test_a_write_that_could_not_be_sent_goes_to_the_monolith(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    products.kill()
    proxy = started(policy(monolith, products))
    with load(proxy.port, PATH, method="POST") as seen:
        seen.wait_for(100)
    assert seen.failures == []
    assert set(seen.upstreams) == {"monolith"}
    assert Counter(monolith.writes()) == Counter(seen.sent)


def test_a_slow_page_of_the_monolith_is_not_cut_by_the_candidates_time(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    monolith.behave(hang_s=1)
    text = policy(monolith, products)
    proxy = started(text)
    users = [user_on(proxy, text, side) for side in ("monolith", "products")]
    answers = [proxy.client.get(PATH, headers) for headers in users]
    assert [(a.status, a.upstream) for a in answers] == [(200, "monolith"), (200, "products")]
    products.behave(hang_s=30)
    answers = [proxy.client.get(PATH, headers) for headers in users]
    assert {(answer.status, answer.upstream) for answer in answers} == {(200, "monolith")}


def test_with_one_of_two_instances_down_the_load_stays_on_the_other(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith = backends("monolith")
    one, two = backends("products"), backends("products-2")
    text = policy(monolith, one, two, health=HEALTH).replace('"canary"', '"extracted"')
    proxy = started(text)
    with load(proxy.port, PATH) as seen:
        seen.wait_for(100)
        one.kill()
        seen.wait_for(100)
        wait_until_healthy(proxy, f"products::{one.address}::health_flags", "failed")
        before = seen.upstreams["monolith"]
        seen.wait_for(200)
        after = seen.upstreams["monolith"]
    assert seen.failures == []
    assert after == before


def test_an_instance_that_answers_badly_is_put_aside_and_comes_back(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    text = policy(monolith, products).replace('"canary"', '"extracted"')
    outlier = "outlier = { consecutive_5xx = 3, base_ejection_s = 0.5 }"
    proxy = started(text.replace("[routes.", f"{outlier}\n[routes.", 1))
    products.behave(status=503)
    with load(proxy.port, PATH) as seen:
        wait_until_healthy(proxy, f"products::{products.address}::health_flags", "outlier")
        products.behave()
        wait_until_healthy(proxy, f"products::{products.address}::health_flags", "healthy")
        wait_until(lambda: seen.answers[-1].upstream == "products")
    assert seen.failures == []


def test_a_monolith_that_answers_errors_is_still_asked(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    proxy = started(policy(monolith, products))
    monolith.behave(status=500)
    statuses = Counter(proxy.client.get("/elsewhere").status for _ in range(30))
    assert statuses == {500: 30}
    monolith.behave()
    assert proxy.client.get("/elsewhere").status == 200


def user_on(proxy: Running, text: str, upstream: str) -> dict[str, str]:
    """Return the cookie of a user whom the policy sends to `upstream`."""
    for number in range(1000):
        cookie = f"strangler_user=u{number}"
        request = Request("GET", PATH, (("cookie", cookie),))
        if decide(proxy.policy(text), request).upstream == upstream:
            return {"Cookie": cookie}
    raise AssertionError(f"nobody goes to {upstream}")


def wait_until_healthy(proxy: Running, line: str, wanted: str) -> None:
    def has_flag() -> bool:
        rows = proxy.engine.admin.get("/clusters").splitlines()
        return any(row.startswith(line) and wanted in row for row in rows)

    wait_until(has_flag)


def wait_until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@contextlib.contextmanager
def garbage_server() -> Iterator[str]:
    """Run a server that answers every request with bytes that are not HTTP."""

    class Garbage(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(b"\x00\xffgarbage\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Garbage) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_service_that_answers_garbage_is_answered_for_when_reading(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith = backends("monolith")
    with garbage_server() as address:
        text = POLICY.format(
            monolith=monolith.address,
            products=f'"{address}"',
            health="outlier = false",  # so that the write reaches the service
            timeout_s=5,
        )
        proxy = started(text.replace('stage = "canary"\nshare_pct = 50', 'stage = "extracted"'))
        with load(proxy.port, PATH) as seen:
            seen.wait_for(200)
        assert seen.failures == []
        assert set(seen.upstreams) == {"monolith"}
        written = proxy.client.send("POST", PATH, body=b"{}")
    assert written.status == 502
    assert monolith.writes() == []
