"""Traffic recorded at the monolith is replayed to monolith and service by a project's own pytest.

`strangler record` -> HAR file -> the fixtures of `strangler.shadow.pytest_plugin` -> pass or fail
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.servers.shop import ROOT, clean_environment, free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.shop import Shop

pytestmark = pytest.mark.timeout(200)
REQUESTS = 25

PROJECT_TEST = """
def test_the_service_answers_as_the_monolith_does(assert_same_responses):
    assert_same_responses()

def test_each_request(recorded_exchange, assert_same_responses):
    assert_same_responses([recorded_exchange])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that knows nothing of this repository but the installed plugin."""
    (tmp_path / "test_same_answers.py").write_text(PROJECT_TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


@pytest.fixture
def regressed_url(shop: Shop) -> Iterator[str]:
    """Run the demonstration's faulty release on the service's database."""
    port = free_port()
    server = shop.products.server(
        DJANGO_SETTINGS_MODULE="tests.demo.regressed_settings", PYTHONPATH=str(ROOT)
    )
    server.command[server.command.index("--port") + 1] = str(port)
    server.name, server.probe_url = "regressed", f"http://127.0.0.1:{port}/healthz"
    server.log = server.log.with_name("regressed.log")
    with running(server):
        yield f"http://127.0.0.1:{port}"


def replay(project: Path, recording: Path, control: str, candidate: str):
    return subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider",
            "--strangler-recording", str(recording), "--strangler-control", control,
            "--strangler-candidate", candidate,
        ],
        cwd=project, env=clean_environment(), capture_output=True, text=True, timeout=150,
        check=False,
    )  # fmt: skip


def test_service_gives_the_recorded_answers(shop, recording, project):
    done = replay(project, recording, shop.monolith.url, shop.products.url)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.rsplit(" passed", 1)[0].split()[-1])
    assert passed > REQUESTS


def test_faulty_release_is_caught_with_path_values_and_curl(
    shop, recording, project, regressed_url
):
    done = replay(project, recording, shop.monolith.url, regressed_url)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "body.price (type)" in done.stdout
    assert "/api/products/3/" in done.stdout
    assert "curl " in done.stdout
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert not any("/api/products/1/]" in line for line in failed), failed


def test_service_that_is_gone_is_a_failure_and_not_a_skip(shop, recording, project):
    done = replay(project, recording, shop.monolith.url, f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "skipped" not in done.stdout
