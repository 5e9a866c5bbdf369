"""Waiting is random below a growing cap; a service that fails uses its budget up."""

from hypothesis import given
from hypothesis import strategies as st

from strangler.client.network.retries import BASE_S, CAP_S, RetryBudget, pause_s


@given(st.integers(1, 100), st.floats(0, 1))
def test_a_pause_is_a_share_of_a_cap_that_grows_to_its_end(retry, draw):
    assert 0 <= pause_s(retry, draw) <= CAP_S
    assert pause_s(retry, 1.0) == min(CAP_S, BASE_S * 2 ** min(retry, 10))
    assert pause_s(retry, draw) <= pause_s(retry + 1, 1.0)


def test_pauses_differ():
    assert len({pause_s(3) for _ in range(20)}) > 10


def test_a_service_that_is_down_is_soon_asked_once_per_call():
    budget = RetryBudget(tokens=10, given_back=0.5)
    assert [budget.failed() for _ in range(6)] == [True] * 4 + [False] * 2


def test_good_answers_give_tries_back_up_to_the_most():
    budget = RetryBudget(tokens=4, given_back=1)
    assert not [budget.failed() for _ in range(3)][-1]
    for _ in range(100):
        budget.answered()
    assert [budget.failed() for _ in range(2)] == [True, False]


@given(st.lists(st.booleans(), max_size=300))
def test_retries_are_bounded_by_what_good_answers_pay_for(outcomes):
    """Of n tries at most the tokens above half and what was given back are repeated."""
    budget, repeated, good = RetryBudget(tokens=20, given_back=0.1), 0, 0
    for is_good in outcomes:
        if is_good:
            budget.answered()
            good += 1
        else:
            repeated += budget.failed()
    assert repeated <= 10 + 0.1 * good
