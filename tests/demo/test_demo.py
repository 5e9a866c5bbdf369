"""The demonstration itself, small: all its claims hold, and Ctrl-C leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers.shop import ROOT, clean_environment

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("demo")]


def start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.demo", "--quick"],
        cwd=ROOT, env=clean_environment(NO_COLOR="1"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def descendants(pid: int) -> set[int]:
    """Return every process below `pid`, by the process table."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items()
                   if parent in found | {pid} and child not in found}:  # fmt: skip
        found |= more
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if is_running(pid)}


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: set[int], *, within_s: float) -> bool:
    until = time.monotonic() + within_s
    while alive(pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the process table of Linux")
def test_every_claim_holds_and_nothing_is_left():
    demo = start()
    seen: set[int] = set()
    try:
        output = ""
        assert demo.stdout
        for line in demo.stdout:
            output += line
            if line.startswith("=="):
                seen |= descendants(demo.pid)
        assert demo.wait(30) == 0, output
    finally:
        stop(demo, seen)
    assert "claims held." in output
    assert "\x1b[" not in output
    assert "body.price" in output
    assert len(seen) > 5
    assert gone(seen, within_s=20)


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the process table of Linux")
@pytest.mark.parametrize("step", ["A shop, and a service", "Stage canary, 10 %"])
def test_interrupt_leaves_nothing_running(step):
    demo = start()
    seen: set[int] = set()
    try:
        assert demo.stdout
        told = ""
        for line in demo.stdout:
            told += line
            if step in line:
                break
        time.sleep(2.5)
        until = time.monotonic() + 30
        while not (seen := descendants(demo.pid)):
            assert time.monotonic() < until, told
            time.sleep(0.01)
        os.kill(demo.pid, signal.SIGINT)
        rest = demo.communicate(timeout=150)[0]
        assert demo.returncode == 130, rest
    finally:
        stop(demo, seen)
    assert "Traceback" not in rest
    assert gone(seen, within_s=20)


def stop(demo: subprocess.Popen[str], seen: set[int]) -> None:
    """End what a failed test would leave behind."""
    if demo.poll() is None:
        demo.terminate()
        try:
            demo.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            demo.kill()
    if demo.stdout:
        demo.stdout.close()
    for pid in alive(seen):
        if not gone({pid}, within_s=3):
            os.kill(pid, signal.SIGKILL)
