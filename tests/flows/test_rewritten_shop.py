"""The reference shop after `codemods rewrite`: its own suite passes, in process and over HTTP.

The shop's tests are not rewritten: they make their data with the ORM, as a team's tests would, and
pin status, body and cost of every page and endpoint. Over HTTP each of the four services is a
process of its own, and the tests that call one run; the others know no difference.
"""

from __future__ import annotations

import pytest

from tests.flows.rewritten import SERVICES, codemods, run

SAVEPOINTS = "counts statements of a transaction inside the test's own"
LETTERS = "looks at letters that wait for a commit, which a test that commits has sent"
SAGAS = "chooses steps by a setting, and a gateway that is down, in the test's own process alone"
NOT_OVER_HTTP = {
    "monolith/orders/tests/test_checkout.py::"
    "test_the_number_of_queries_does_not_grow_with_the_lines": SAVEPOINTS,
    "monolith/orders/tests/test_query_counts.py::test_cancelling_after_capture": SAVEPOINTS,
    "monolith/orders/tests/test_checkout.py::"
    "test_the_confirmation_is_written_after_the_commit": LETTERS,
    "monolith/orders/tests/test_orders_api.py::"
    "test_cancelling_a_paid_order_refunds_it": LETTERS,
    "monolith/payments/tests/test_payments_api.py::"
    "test_money_is_given_back_in_parts_until_none_is_left": LETTERS,
    "monolith/payments/tests/test_order_saga.py::"
    "test_an_order_hears_of_its_money_though_the_process_died": SAGAS,
    **{
        f"monolith/orders/tests/test_cancelling_saga.py::test_{name}": SAGAS
        for name in (
            "a_paid_order_is_refunded_and_all_of_it_comes_back",
            "a_gateway_that_does_not_answer_is_asked_until_it_does",
            "a_gateway_that_says_no_opens_the_order_again",
            "an_order_that_is_being_placed_is_not_cancelled",
        )
    },
}  # fmt: skip
"""Tests that call a client and are marked `holds_commits`: why another process cannot be there."""
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("rewritten-shop")]


def test_its_suite_passes_in_process(suite_in_process):
    assert suite_in_process.returncode == 0, suite_in_process.stdout[-6000:]


def test_its_suite_passes_against_four_service_processes(suite_in_process, rewritten):
    assert suite_in_process.returncode == 0, "it does not pass in process"
    tests = rewritten.callers
    done = rewritten.suite("--shop-db", "postgres", "--shop-clients", "http", tests=tests)
    assert done.returncode == 0, done.stdout[-6000:]
    assert set(NOT_OVER_HTTP) < set(tests)
    passed = len(tests) - len(NOT_OVER_HTTP)
    assert f"{passed} passed, {len(NOT_OVER_HTTP)} deselected" in done.stdout


def test_a_second_run_changes_nothing(rewritten):
    before = {path: path.read_bytes() for path in rewritten.root.rglob("*.py")}
    service = SERVICES[-1]
    done = codemods(rewritten.root, "rewrite", "--service", service, "--write", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: path.read_bytes() for path in rewritten.root.rglob("*.py")} == before


def test_the_models_need_no_migration(rewritten):
    done = run(rewritten.root, "manage.py", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
