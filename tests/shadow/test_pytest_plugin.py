"""Another project's pytest, run for real with the plugin's options."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from strangler.shadow.har import write_har
from strangler.shadow.redact import Redactor
from tests.shadow.documents import exchange, observation
from tests.shadow.servers import answer_json, backend

TESTS = """
def test_all(assert_same_responses):
    assert_same_responses()

def test_each(recorded_exchange, assert_same_responses):
    assert_same_responses([recorded_exchange])

def test_the_recording_is_at_hand(recorded_exchanges, replay):
    assert replay(recorded_exchanges[0]).outcome in ("matched", "mismatched")
"""


@pytest.fixture
def project(tmp_path):
    recorded = [
        (exchange("/api/products/1/"), observation({})),
        (exchange("/api/products/2/"), observation({})),
        (exchange("/api/orders/", method="POST", body=b"{}"), observation({}, status=201)),
    ]
    (tmp_path / "traffic.har").write_text(write_har(recorded, Redactor(b"k" * 32)))
    (tmp_path / "test_same.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(*options: str) -> tuple[int, str]:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:django",
        ]
        done = subprocess.run(
            [*command, *options],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def products(price):
    def answer(method, path):
        number = int(path.strip("/").rpartition("/")[2])
        return answer_json({"id": number, "price": price if number == 2 else "1.00"})

    return answer


def options(control, candidate):
    return (
        "--strangler-recording", "traffic.har",
        "--strangler-control", control.url, "--strangler-candidate", candidate.url,
    )  # fmt: skip


def test_equal_answers_pass_and_writes_are_not_replayed(project):
    with backend(products("2.00")) as control, backend(products("2.00")) as candidate:
        status, out = project(*options(control, candidate))
        assert status == 0, out
        assert "4 passed" in out
        assert {asked[0] for asked in control.asked + candidate.asked} == {"GET"}


def test_a_difference_fails_with_path_values_and_curl(project):
    with backend(products("2.00")) as control, backend(products("1.99")) as candidate:
        status, out = project(*options(control, candidate))
    assert status == 1
    assert "2 failed, 2 passed" in out
    assert "1 of 2 responses differ" in out
    where = r"GET /api/products/2/ .*\n +body.price \(value\)\n"
    values = r' +control +"2.00"\n +candidate +"1.99"\n +curl .*/api/products/2/'
    assert re.search(where + values, out)
    assert "test_each[GET /api/products/2/]" in out


def test_without_options_the_tests_are_skipped(project):
    status, out = project()
    assert status == 0, out
    assert "3 skipped" in out


def test_a_recording_that_is_none_is_explained(project):
    status, out = project("--strangler-recording", "none.har")
    assert status not in (0, 1), out
    assert "none.har: No such file" in out


def test_a_control_that_is_gone_fails_and_says_so(project):
    with backend(products("2.00")) as candidate:
        status, out = project(
            "--strangler-recording", "traffic.har",
            "--strangler-control", "http://127.0.0.1:9", "--strangler-candidate", candidate.url,
        )  # fmt: skip
    assert status == 1
    assert "the control http://127.0.0.1:9 does not answer" in out
