"""The reference shop after `codemods rewrite`: its own suite passes, in process and over HTTP.

The shop's tests are not rewritten: they make their data with the ORM, as a team's tests would, and
pin status, body and cost of every page and endpoint.
"""

from __future__ import annotations

import pytest

from tests.flows.rewritten import SERVICES, codemods, run

CALLERS = ("monolith/orders", "monolith/payments")
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("rewritten-shop")]


def test_its_suite_passes_in_process(suite_in_process):
    assert suite_in_process.returncode == 0, suite_in_process.stdout[-6000:]


def test_its_suite_passes_against_real_service_processes(rewritten):
    done = rewritten.suite("--shop-db", "postgres", "--shop-clients", "http", folders=CALLERS)
    assert done.returncode == 0, done.stdout[-6000:]


def test_a_second_run_changes_nothing(rewritten):
    before = {path: path.read_bytes() for path in rewritten.root.rglob("*.py")}
    service = SERVICES[-1]
    done = codemods(rewritten.root, "rewrite", "--service", service, "--write", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: path.read_bytes() for path in rewritten.root.rglob("*.py")} == before


def test_the_models_need_no_migration(rewritten):
    done = run(rewritten.root, "manage.py", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
