"""The comparator's own process, fed by a real Envoy: captured, compared, and never in the way."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys

import httpx
import pytest

from strangler.shadow.rollup import read_pair, read_rollup
from strangler.shadow.target import ShadowTarget, dump_targets
from tests.shadow.servers import answer_json, backend, until

SENT = {"host": "shop.example", "authorization": "Token s3cr3t-s3cr3t"}


@pytest.fixture
def monolith():
    def answer(method, path):
        if path.startswith("/api/packed"):
            body = gzip.compress(json.dumps({"ok": "x" * 5000}).encode())
            return 200, {"content-type": "application/json", "content-encoding": "gzip"}, body
        return answer_json({"id": 7, "price": "12.50", "method": method})

    with backend(answer) as made:
        yield made


@pytest.fixture
def service():
    def answer(method, path):
        if path.startswith("/api/packed"):
            return answer_json({"ok": "x" * 5000})
        return answer_json({"id": 7, "price": "12.49", "method": method})

    with backend(answer) as made:
        yield made


@pytest.fixture
def target(monolith, service):
    return ShadowTarget("shop", monolith.url, service.url)


def send(method, url, **options):
    return httpx.request(method, url, trust_env=False, timeout=10, **options)


def counts(comparator, name):
    return comparator.stats().get(name, 0)


def test_a_pair_goes_from_envoy_to_the_store(envoy, comparator, target, monolith, service):
    shadow = comparator(target)
    url = envoy(monolith.address, shadow.socket)
    response = send("GET", f"{url}/api/products/7/?page=2", headers=SENT)
    assert response.json()["price"] == "12.50"
    until(lambda: counts(shadow, "mismatched") == 1)
    assert shadow.stop() == 0
    (route,) = read_rollup(shadow.store)
    assert (route.route, route.pairs, route.mismatched, route.control_pairs) == ("shop", 1, 1, 1)
    (price,) = [place for place in route.places if place.mismatched]
    assert (price.pattern, price.kind) == ("body.price", "value")
    assert (price.examples[0].control, price.examples[0].candidate) == ("12.50", "12.49")
    exchange = read_pair(shadow.store, price.examples[0].pair_id).pair.exchange
    assert (exchange.method, exchange.host) == ("GET", "shop.example")
    assert exchange.target == "/api/products/7/?page=2"
    ((_, path, headers, _),) = service.asked
    headers = {name.lower(): value for name, value in headers.items()}
    assert path == "/api/products/7/?page=2"
    assert headers["host"] == "shop.example"
    assert headers["authorization"] == "Token s3cr3t-s3cr3t"
    assert headers["x-strangler-shadow"] == "candidate"
    assert len(monolith.asked) == 2
    assert b"s3cr3t" not in shadow.store.read_bytes()


def test_compressed_control_and_plain_candidate_match(envoy, comparator, target, monolith):
    shadow = comparator(target)
    url = envoy(monolith.address, shadow.socket)
    send("GET", f"{url}/api/packed/")
    send("HEAD", f"{url}/api/packed/")
    until(lambda: counts(shadow, "matched") == 2)


def test_a_write_is_captured_whole_sent_once_and_not_shadowed(
    envoy, comparator, target, monolith, service
):
    shadow = comparator(target, options=("--max-body-bytes", "3000000"))
    url = envoy(monolith.address, shadow.socket)
    body = b"x" * 1_000_000
    assert send("POST", f"{url}/api/orders/", content=body).status_code == 200
    until(lambda: counts(shadow, "refused: no sandbox") == 1)
    assert [len(asked[3]) for asked in monolith.asked] == [len(body)]
    assert service.asked == []


def test_a_body_over_the_limit_makes_no_pair(envoy, comparator, target, monolith):
    shadow = comparator(target, options=("--max-body-bytes", "1000"))
    url = envoy(monolith.address, shadow.socket)
    assert send("POST", f"{url}/api/orders/", content=b"x" * 100_000).status_code == 200
    until(lambda: counts(shadow, "skipped: body too large") == 1)


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP])
def test_users_never_notice_a_comparator_that_is_gone_or_hangs(
    envoy, comparator, target, monolith, harm
):
    shadow = comparator(target)
    url = envoy(monolith.address, shadow.socket)
    send("GET", f"{url}/api/products/7/")
    until(lambda: counts(shadow, "mismatched") == 1)
    shadow.process.send_signal(harm)
    answers = [send("GET", f"{url}/api/products/{n}/").status_code for n in range(50)]
    answers += [
        send("POST", f"{url}/api/x/", content=b"x" * 500_000).status_code for _ in range(10)
    ]
    assert answers == [200] * 60


def test_a_comparator_that_comes_back_is_told_again(envoy, comparator, target, monolith):
    shadow = comparator(target)
    url = envoy(monolith.address, shadow.socket)
    shadow.process.kill()
    shadow.process.wait(10)
    assert send("GET", f"{url}/api/products/7/").status_code == 200
    again = comparator(target)

    def compared():
        assert send("GET", f"{url}/api/products/7/").status_code == 200
        return counts(again, "mismatched") > 0

    until(compared)


@pytest.mark.parametrize("candidate", ["http://127.0.0.1:9", "garbage"])
def test_a_candidate_that_is_broken_is_a_mismatch_and_nothing_else(
    envoy, comparator, monolith, candidate
):
    with backend(lambda *_: (200, {"content-type": "application/json"}, b"\xff{garbage")) as broken:
        address = broken.url if candidate == "garbage" else candidate
        shadow = comparator(ShadowTarget("shop", monolith.url, address, timeout_s=2))
        url = envoy(monolith.address, shadow.socket)
        assert send("GET", f"{url}/api/products/7/").json()["id"] == 7
        until(lambda: counts(shadow, "mismatched") == 1)
        assert shadow.stop() == 0
    place = read_rollup(shadow.store)[0].places[0]
    assert place.pattern == ("body" if candidate == "garbage" else "status")


def test_targets_are_read_again_when_the_file_changes(envoy, comparator, monolith, service):
    shadow = comparator()
    url = envoy(monolith.address, shadow.socket)
    send("GET", f"{url}/api/products/7/")
    until(lambda: counts(shadow, "skipped: no target") == 1)
    shadow.targets.write_text("[{}]")

    def refused():
        send("GET", f"{url}/api/products/7/")
        return any(line["event"] == "targets refused" for line in shadow.lines())

    until(refused)
    shadow.targets.write_text(dump_targets((ShadowTarget("shop", monolith.url, service.url),)))

    def compared():
        send("GET", f"{url}/api/products/7/")
        return counts(shadow, "mismatched") > 0

    until(compared)


def serve(*options):
    command = [sys.executable, "-m", "strangler.shadow.serve", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_bad_targets_are_all_named_at_once(tmp_path):
    targets = tmp_path / "targets.json"
    targets.write_text('[{"route": "", "control_url": "x"}, {"rout": "a"}]')
    done = serve("--socket", tmp_path / "s", "--store", tmp_path / "p", "--targets", targets)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for text in ("`route` must be", "`control_url` must be", "unknown key 'rout'", "entry 2"):
        assert text in done.stderr


def test_a_store_that_is_none_is_refused(tmp_path):
    targets = tmp_path / "targets.json"
    targets.write_text("[]")
    (tmp_path / "p").write_text(
        "not a database, but long enough to be taken for a damaged one" * 50
    )
    done = serve("--socket", tmp_path / "s", "--store", tmp_path / "p", "--targets", targets)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "store" in done.stderr
