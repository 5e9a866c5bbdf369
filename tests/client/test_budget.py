"""A budget holds a block of code to a number of calls, and tells who made them."""

import threading

import pytest

from strangler.client.budget import call_budget
from tests.client.divertsite.odd import operations as odd


def test_within_the_budget_nothing_happens():
    with call_budget(2) as calls:
        assert odd.add(1) == 2
        assert odd.add(1, 2) == 3
    assert (calls.count, calls.by_operation) == (2, {"odd.add": 2})


def test_too_many_calls_are_named_with_their_lines():
    def spend():
        for number in range(3):
            odd.add(number)
        odd.total([])

    with pytest.raises(AssertionError) as raised, call_budget(1):
        spend()
    message = str(raised.value)
    assert "4 client calls where at most 1 are allowed" in message
    assert "3 x odd.add from test_budget.py:" in message
    assert "1 x odd.total" in message
    assert "prefetch_related" in message


def test_an_error_in_the_block_is_not_hidden():
    with pytest.raises(ZeroDivisionError), call_budget(0):
        _ = odd.add(1) / 0


def test_budgets_nest_and_see_other_threads():
    with call_budget(2) as outer:
        odd.add(1)
        with call_budget(1) as inner:
            thread = threading.Thread(target=odd.add, args=(1,))
            thread.start()
            thread.join()
    assert (outer.count, inner.count) == (2, 1)
    odd.add(1)
    assert outer.count == 2
