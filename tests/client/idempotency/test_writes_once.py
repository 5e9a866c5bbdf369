"""No write runs twice: real services, killed on the way, whose answers are lost."""

import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from strangler.client.failures import UnavailableError
from strangler.client.idempotency import keys
from strangler.client.idempotency.once import Write
from tests.client.ledgers import LosingProxy, kept_running, ledger, running
from tests.client.ledgersite.ledger import operations
from tests.client.sites import ROOT, until
from tests.servers.postgres import running_postgres


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LEDGER_CLIENT_TRANSPORT", "http")
    yield
    operations.SERVICE.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with running(ledger(folder)) as served:
        yield served


def add(url: str, word: str, key: str, **arguments: object) -> tuple[int, object]:
    answered = requests.post(
        f"{url}/v1/add",
        json={"word": word, **arguments},
        headers={"Idempotency-Key": key},
        timeout=30,
    )
    told = answered.json()
    return answered.status_code, told["error"]["code"] if isinstance(told, dict) else told


def count(url: str, word: str) -> int:
    return requests.get(f"{url}/v1/count?word={word}", timeout=30).json()


def test_the_same_write_again_gives_the_same_answer(url):
    first = add(url, "same", "k-same")
    assert first[0] == 200
    assert add(url, "same", "k-same") == first
    assert count(url, "same") == 1


def test_another_write_under_the_key_is_refused(url):
    add(url, "one", "k-two")
    assert add(url, "other", "k-two") == (422, "key_reused")
    assert add(url, "one", "k-two", wait_s=0.0) == (422, "key_reused")
    assert (count(url, "one"), count(url, "other")) == (1, 0)


def test_a_write_that_failed_leaves_its_key_free(url):
    for _ in range(2):
        answered = requests.post(
            f"{url}/v1/refuse",
            json={"word": "failed"},
            headers={"Idempotency-Key": "k-failed"},
            timeout=30,
        )
        assert answered.status_code == 403
    assert count(url, "failed") == 0
    assert add(url, "failed", "k-failed")[0] == 200


@pytest.mark.parametrize("key", ["x" * 201, "tab\there"])
def test_a_key_that_is_none_is_refused(url, key):
    assert add(url, "bad", key) == (400, "invalid_argument")
    assert count(url, "bad") == 0


def test_without_a_key_every_write_is_done(url):
    for _ in range(2):
        requests.post(f"{url}/v1/add", json={"word": "twice"}, timeout=30)
    assert count(url, "twice") == 2


def test_answers_say_that_keys_are_kept(url):
    assert requests.get(f"{url}/v1/count?word=x", timeout=30).headers["Idempotency-Keys"] == "kept"


def together(url: str, word: str, key: str, times: int = 8) -> list[tuple[int, object]]:
    start, outcomes = threading.Barrier(times), []

    def ask() -> None:
        start.wait()
        outcomes.append(add(url, word, key, wait_s=0.3))

    threads = [threading.Thread(target=ask) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_those_that_arrive_together_are_done_once(url):
    outcomes = together(url, "together", "k-together")
    assert len({answer for status, answer in outcomes if status == 200}) == 1
    assert {outcome for outcome in outcomes if outcome[0] != 200} <= {(409, "in_progress")}
    assert count(url, "together") == 1


@pytest.mark.postgres
@pytest.mark.timeout(240)
def test_on_postgresql_those_that_arrive_together_are_told_to_come_back(tmp_path):
    with running_postgres() as server:
        database = server.create_database("ledger")
        with running(ledger(tmp_path, database=database)) as served:
            outcomes = together(served, "together", "k-1")
            statuses = sorted(status for status, _ in outcomes)
            assert statuses[0] == 200
            assert (409, "in_progress") in outcomes
            assert add(served, "together", "k-1", wait_s=0.3) == next(
                outcome for outcome in outcomes if outcome[0] == 200
            )
            assert count(served, "together") == 1


def test_a_lost_answer_costs_no_second_write(url, monkeypatch):
    """Two of three answers are lost after the write; the client asks until it has one."""
    proxy = LosingProxy(int(url.rpartition(":")[2]), keeps=3)
    monkeypatch.setenv("LEDGER_CLIENT_RETRIES", "5")
    monkeypatch.setenv("LEDGER_CLIENT_BREAKER_FAILURES", "0")
    monkeypatch.setenv("LEDGER_CLIENT_URL", proxy.url)
    try:
        words = [f"lost-{number}" for number in range(4)]
        operations.count("learns that keys are kept")
        answers = [operations.add(word) for word in words]
    finally:
        proxy.close()
    assert len(set(answers)) == 4
    assert [count(url, word) for word in words] == [1] * 4


def test_a_service_without_keys_does_no_write_twice(tmp_path, monkeypatch):
    """What it does not keep it cannot honour, so the repetition is refused."""
    with running(ledger(tmp_path, keys=False)) as served:
        assert "Idempotency-Keys" not in requests.get(served + "/v1/context", timeout=30).headers
        proxy = LosingProxy(int(served.rpartition(":")[2]), keeps=2)
        monkeypatch.setenv("LEDGER_CLIENT_URL", proxy.url)
        monkeypatch.setenv("LEDGER_CLIENT_IDEMPOTENCY", "always")
        try:
            with pytest.raises(UnavailableError, match="409: the write was sent before, and no"):
                operations.add("unkept")
        finally:
            proxy.close()
        assert count(served, "unkept") == 1


@pytest.mark.timeout(240)
def test_killed_after_the_commit_a_write_is_not_done_again(tmp_path, monkeypatch):
    marker = tmp_path / "dies"
    marker.touch()
    with kept_running(ledger(tmp_path)) as served:
        monkeypatch.setenv("LEDGER_CLIENT_URL", served)
        operations.count("warm")
        assert patiently("step-1", "committed", fatal=str(marker))
        assert not marker.exists()
        assert count(served, "committed") == 1


@pytest.mark.timeout(240)
def test_killed_in_the_middle_a_write_is_done_once(tmp_path, monkeypatch):
    server = ledger(tmp_path)
    with kept_running(server) as served:
        monkeypatch.setenv("LEDGER_CLIENT_URL", served)
        operations.count("warm")
        killer = threading.Timer(0.5, server.kill)
        killer.start()
        assert patiently("step-2", "cut off", wait_s=1.5)
        killer.join()
        assert count(served, "cut off") == 1


def patiently(step: str, word: str, **arguments: object) -> int:
    """Repeat a step until it is answered, as a saga does."""
    answers: list[int] = []

    def tried() -> bool:
        try:
            with keys.repeatable(step):
                answers.append(operations.add(word, **arguments))
        except UnavailableError:
            return False
        return True

    until(tried, within_s=60)
    return answers[0]


def test_a_step_repeats_its_keys_and_another_has_others():
    def of(step: str) -> list[str]:
        with keys.repeatable(step):
            return [keys.next_key("ledger", "add") for _ in range(2)]

    assert of("step") == of("step")
    assert len({*of("step"), *of("other")}) == 4
    assert uuid.UUID(keys.next_key("ledger", "add")) != uuid.UUID(keys.next_key("ledger", "add"))


def manage(folder: Path, *arguments: str, keys: bool = True) -> subprocess.CompletedProcess:
    server = ledger(folder, keys=keys, tables=False)
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=ROOT, env=dict(server.environment), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_the_check_warns_where_writes_are_served_without_keys(tmp_path):
    without = manage(tmp_path, "check", keys=False)
    assert "(strangler.W001) tests.client.ledgersite.ledger.provider serves writes" in (
        without.stderr.replace("\n", " ")
    )
    assert 'Add "strangler.client.idempotency" to INSTALLED_APPS' in without.stderr
    assert "no issues" in manage(tmp_path, "check").stdout


def test_keys_of_long_ago_are_forgotten(folder, url):
    add(url, "kept", "k-kept")
    assert "forgot 0 keys older than 24 h" in manage(folder, "clear_idempotency_keys").stdout
    cleared = manage(folder, "clear_idempotency_keys", "--older-than-h", "0")
    assert re.search(r"forgot [1-9]\d* keys", cleared.stdout)
    assert add(url, "kept", "k-kept")[0] == 200
    assert count(url, "kept") == 2
    refused = manage(folder, "clear_idempotency_keys", "--older-than-h", "-1")
    assert (refused.returncode, "must be from 0 hours" in refused.stderr) == (1, True)


def test_the_digest_tells_apart_what_is_joined_the_same():
    one, other = Write("k", "add", b"x", "12"), Write("k", "add1", b"x", "2")
    assert one.digest != other.digest
    assert one.digest == Write("another", "add", b"x", "12").digest
