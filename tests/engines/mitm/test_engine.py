"""Starting, changing and stopping a real engine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from strangler.errors import EngineError
from tests.engines.conformance.client import RawClient
from tests.engines.mitm.conftest import ROUTE

MONOLITH = ROUTE.replace('stage = "extracted"', 'stage = "monolith"')
PATIENT = ROUTE.replace("candidate_timeout_s = 0.4", "candidate_timeout_s = 1.9")
"""For who must not fall back, however busy the machine is."""
GET = b"GET /items/1/ HTTP/1.1\r\nHost: a\r\n\r\n"


def test_a_change_of_the_policy_is_live_when_apply_returns(live):
    live.engine.apply(live.policy(PATIENT))
    assert live.ask().seen["backend"] == "service"

    live.engine.apply(live.policy(MONOLITH))

    assert live.ask().seen["backend"] == "monolith"


def test_changes_under_load_fail_no_request(live):
    statuses: list[int] = []
    done = threading.Event()

    def load() -> None:
        with RawClient(live.port) as client:
            while not done.is_set():
                statuses.append(client.ask(GET).status)

    clients = [threading.Thread(target=load) for _ in range(3)]
    for client in clients:
        client.start()
    for _ in range(10):
        live.engine.apply(live.policy(MONOLITH))
        live.engine.apply(live.policy())
    done.set()
    for client in clients:
        client.join()

    assert set(statuses) == {200}


def test_a_port_in_use_is_named(stage):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stage.port))
        taken.listen()

        with pytest.raises(EngineError, match=f"127.0.0.1:{stage.port}: the port is in use"):
            stage.engine.start(stage.policy())

    assert not stage.engine.is_alive()


def test_another_address_to_listen_on_is_refused_and_the_policy_stays(live):
    live.engine.apply(live.policy(PATIENT))
    policy = live.policy(MONOLITH)
    live.port += 1

    with pytest.raises(EngineError, match="restart the proxy"):
        live.engine.apply(live.policy(MONOLITH))

    live.port -= 1
    assert live.ask().seen["backend"] == "service"
    live.engine.apply(policy)


def test_several_workers_share_the_port(make_engine, stage):
    engine = make_engine(workers=2)
    engine.start(stage.policy())

    assert {stage.ask().status for _ in range(20)} == {200}
    engine.apply(stage.policy(MONOLITH))
    assert {stage.ask().seen["backend"] for _ in range(20)} == {"monolith"}


def test_a_stopped_engine_finishes_what_is_under_way_and_refuses_the_rest(live):
    live.engine.apply(live.policy(ROUTE.replace("0.4", "2")))
    live.service.hang = True
    answers = []
    asking = threading.Thread(target=lambda: answers.append(live.ask(method="POST")))
    asking.start()
    while not live.service.requests:
        time.sleep(0.01)

    live.engine.stop(drain_s=10)
    asking.join()

    assert answers[0].status == 504
    with pytest.raises(ConnectionError):
        live.ask()


def test_stopping_twice_is_harmless(live):
    live.engine.stop(drain_s=0)
    live.engine.stop(drain_s=0)

    assert not live.engine.is_alive()


def test_a_killed_worker_is_noticed_and_told(live, tmp_path):
    (worker,) = _children(os.getpid())
    os.kill(worker, signal.SIGKILL)
    while live.engine.is_alive():
        time.sleep(0.01)

    with pytest.raises(EngineError, match="a mitmproxy worker ended"):
        live.engine.apply(live.policy())


def test_the_workers_end_with_the_process_that_started_them(stage, tmp_path):
    policy = tmp_path / "strangler.toml"
    policy.write_text(
        f'[proxy]\nlisten = "127.0.0.1:{stage.port}"\n'
        f'[upstreams.monolith]\ninstances = ["{stage.monolith.address}"]\n'
    )
    program = (
        "import time, pathlib\n"
        "from strangler.engines.mitm import MitmEngine\n"
        "from strangler.policy import load_policy\n"
        f"engine = MitmEngine(state_dir=pathlib.Path({str(tmp_path)!r}))\n"
        f"engine.start(load_policy(pathlib.Path({str(policy)!r})))\n"
        "print('started', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"started\n"
        (worker,) = _children(parent.pid)
        parent.kill()

    for _ in range(1000):
        if not _is_running(worker):
            break
        time.sleep(0.01)
    assert not _is_running(worker)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    lines = (line.strip().partition(" ") for line in listed.stdout.splitlines())
    return [int(number) for number, _, args in lines if "strangler.engines.mitm.worker" in args]
