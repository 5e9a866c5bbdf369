"""Both sides are asked, the provider here answers, and the comparator tells them apart."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from strangler.cli import main as strangler
from strangler.client import metrics, shadow
from strangler.client.propagation import identity
from tests.client.divertsite.odd import operations as odd
from tests.client.divertsite.odd import provider
from tests.client.misbehaving import Misbehaving, silent
from tests.client.sites import ROOT, free_port, until

pairs: list[dict[str, Any]] = []


def take(pair: dict[str, Any]) -> None:
    """Be the sink."""
    pairs.append(pair)


def fail(pair: dict[str, Any]) -> None:
    """Be a sink that breaks."""
    raise KeyError("broken")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Misbehaving]:
    pairs.clear()
    metrics.SHADOW.clear()
    misbehaving = Misbehaving()
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "shadow")
    monkeypatch.setenv("ODD_CLIENT_URL", misbehaving.url)
    monkeypatch.setenv("STRANGLER_SHADOW_SINK", f"{__name__}.take")
    yield misbehaving
    odd.SERVICE.close()
    misbehaving.stop()
    until(lambda: not [each for each in threading.enumerate() if "shadow-odd" in each.name])


def made(count: int) -> list[dict[str, Any]]:
    until(lambda: len(pairs) >= count)
    return pairs


def test_the_control_is_returned_and_the_pair_handed_over(server):
    assert odd.add(1) == 2
    (pair,) = made(1)
    assert (pair["service"], pair["operation"]) == ("odd", "add")
    assert pair["arguments"] == {"left": 1, "right": 1}
    assert (pair["control"]["status"], pair["control"]["body"]) == (200, "2")
    assert (pair["candidate"]["status"], pair["candidate"]["body"]) == (200, "7")
    assert min(pair[side]["latency_ms"] for side in ("control", "candidate")) > 0


def test_what_the_control_raises_is_raised_and_compared(server):
    with pytest.raises(PermissionDenied):
        odd.refuse()
    with pytest.raises(RuntimeError):
        odd.boom()
    told = {pair["operation"]: pair["control"] for pair in made(2)}
    assert told["refuse"]["status"] == 403
    assert json.loads(told["refuse"]["body"])["error"]["code"] == "permission_denied"
    assert (told["boom"]["status"], told["boom"]["error"]) == (500, "RuntimeError was raised")


def test_a_write_is_never_sent(server):
    before = odd.append("x")
    assert odd.append("x") == before + 1
    assert metrics.SHADOW.value("odd", "append", "write") == 2
    assert not server.seen


def test_a_candidate_that_fails_is_an_observation_and_nothing_else(server):
    for step in (503, "drop"):
        server.steps = [step]
        assert odd.add(1) == 2
        until(lambda: not server.steps)
    gone, dropped = (pair["candidate"] for pair in made(2))
    assert (gone["status"], gone["error"]) == (503, None)
    assert dropped["status"] == 0
    assert "no answer" in dropped["error"]


@pytest.mark.parametrize("sink", ["", f"{__name__}.fail", "no.such.function", "http://127.0.0.1:1"])
def test_a_sink_that_does_not_work_breaks_nothing(server, monkeypatch, sink):
    monkeypatch.setenv("STRANGLER_SHADOW_SINK", sink)
    assert odd.add(1) == 2
    until(lambda: metrics.SHADOW.value("odd", "add", "failed") == 1)
    assert odd.add(1) == 2


def test_a_candidate_that_hangs_delays_nobody_and_the_queue_is_bounded(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TIMEOUT_S", "20")
    monkeypatch.setenv("ODD_CLIENT_READ_TIMEOUT_S", "20")
    server.steps = [silent] * 1000
    calls = shadow.WAITING + shadow.WORKERS + 50
    assert [odd.add(1) for _ in range(calls)] == [2] * calls
    assert metrics.SHADOW.value("odd", "add", "dropped") >= 50
    assert not pairs


def test_a_candidate_that_is_down_opens_no_circuit_of_live_calls(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT_TOTAL", "http")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    server.steps = [503] * 20
    for _ in range(20):
        odd.add(1)
    made(5)
    until(lambda: len(pairs) + metrics.SHADOW.value("odd", "add", "skipped") == 20)
    server.steps.clear()
    assert odd.total([]) == 7


def test_what_the_caller_does_with_its_lists_is_not_compared(server):
    gate = threading.Event()

    def held(connection) -> None:
        gate.wait(10)

    server.steps = [held, held]
    numbers = [1, 2]
    odd.total(numbers)
    odd.total(numbers)
    numbers.clear()
    gate.set()
    assert [pair["arguments"] for pair in made(2)] == [{"numbers": [1, 2]}] * 2


def test_the_candidate_is_asked_on_behalf_of_the_same_user(server, monkeypatch):
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY", "k")
    with identity.acting_as(7):
        odd.add(1)
    made(1)
    assert identity.verified(server.seen[0].headers["x-strangler-identity"]) == "7"


def test_a_share_of_the_calls_is_compared(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_SHARE_ADD_PCT", "0")
    assert [odd.add(1) for _ in range(5)] == [2] * 5
    monkeypatch.setenv("ODD_CLIENT_SHARE_ADD_PCT", "100")
    odd.add(1)
    assert len(made(1)) == 1


@pytest.fixture
def comparator(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Run the comparator of seams; gives its URL and its store."""
    store, port = tmp_path / "seams.sqlite3", free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "strangler", "shadow", "seams", "--store", str(store),
         "--listen", f"127.0.0.1:{port}"],
        cwd=ROOT, env={**os.environ, "STRANGLER_SHADOW_TOKEN": "s3cret"}, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert f"=http://127.0.0.1:{port} " in process.stdout.readline()
        yield f"http://127.0.0.1:{port}", store
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said == "3 matched, 1 mismatched\n"


def test_an_operation_that_a_provider_process_answers_otherwise_is_found(
    server, odd_url, monkeypatch, comparator, capsys
):
    url, store = comparator
    monkeypatch.setenv("ODD_CLIENT_URL", odd_url)
    monkeypatch.setenv("STRANGLER_SHADOW_SINK", url)
    monkeypatch.setenv("STRANGLER_SHADOW_TOKEN", "s3cret")
    monkeypatch.setattr(provider, "total", lambda numbers: sum(numbers, Decimal(1)))
    for left in (6, 1, 6):
        odd.add(left)
    assert odd.total([Decimal(2)]) == 3
    until(lambda: metrics.SHADOW.value("odd", "total", "sent") == 1)
    until(lambda: sum(each["pairs"] for each in report(store, capsys)) == 4)
    found = {each["route"]: (each["matched"], each["mismatched"]) for each in report(store, capsys)}
    assert found == {"odd.add": (3, 0), "odd.total": (0, 1)}
    monkeypatch.setenv("STRANGLER_SHADOW_TOKEN", "guessed")
    odd.add(1)
    until(lambda: metrics.SHADOW.value("odd", "add", "failed") == 1)


def report(store: Path, capsys: Any) -> list[dict[str, Any]]:
    capsys.readouterr()
    strangler(["shadow", "report", "--store", str(store), "--json"])
    return json.loads(capsys.readouterr().out)["routes"]
