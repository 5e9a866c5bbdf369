"""Where a run goes from each of its steps: forward, back, or on until it succeeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.client.saga import definition
from strangler.client.saga.definition import BACK, DONE, FORWARD, UNDONE, Position, Saga, Step


def saga(count: int, pivot: int | None = None) -> Saga:
    definition._sagas.clear()
    steps = [Step(f"s{n}", lambda _: None, pivot=n == pivot) for n in range(count)]
    return Saga("travel", steps)


@given(count=st.integers(1, 6), data=st.data())
def test_without_failure_every_step_is_done_in_order(count, data):
    travel = saga(count, data.draw(st.none() | st.integers(0, count - 1)))
    position, seen = Position(FORWARD, 0), []
    while position.way == FORWARD:
        seen.append(position.step)
        position = travel.after(position)
    assert seen == list(range(count))
    assert position.way == DONE


@given(count=st.integers(1, 6), data=st.data())
def test_a_failure_undoes_that_step_and_all_before_it_in_reverse(count, data):
    travel = saga(count)
    failed = data.draw(st.integers(0, count - 1))
    position, undone = travel.after_failure(Position(FORWARD, failed)), []
    while position.way == BACK:
        undone.append(position.step)
        position = travel.after(position)
    assert undone == list(range(failed, -1, -1))
    assert position.way == UNDONE


@given(count=st.integers(2, 6), data=st.data())
def test_after_its_pivot_a_run_only_goes_forward(count, data):
    pivot = data.draw(st.integers(0, count - 2))
    travel = saga(count, pivot)
    later = Position(FORWARD, data.draw(st.integers(pivot + 1, count - 1)))
    assert travel.after_failure(later) == later
    assert travel.after_failure(Position(FORWARD, pivot)).way == BACK


def test_a_definition_is_refused_with_every_problem():
    definition._sagas.clear()
    same = Step("pay", lambda _: None, pivot=True)
    with pytest.raises(ValueError, match="'pay' is there twice; only one step can be the pivot"):
        Saga("odd", [same, same])
    with pytest.raises(ValueError, match="it has no steps"):
        Saga("empty", [])
