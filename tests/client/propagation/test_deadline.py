"""A deadline only ever shrinks, and travels as milliseconds that are left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.client.propagation import deadline


def test_there_is_none_by_default():
    assert deadline.left_s() is None


def test_an_inner_one_holds_only_where_it_is_earlier():
    with deadline.within(100):
        with deadline.within(1):
            assert 0 < deadline.left_s() <= 1
        with deadline.within(1000):
            assert deadline.left_s() <= 100
        assert 1 < deadline.left_s() <= 100
    assert deadline.left_s() is None


def test_it_is_taken_back_when_the_block_fails():
    with pytest.raises(KeyError), deadline.within(1):
        raise KeyError
    assert deadline.left_s() is None


@given(st.floats(0, 3600))
def test_the_next_service_never_gets_more_than_there_is(seconds):
    told = deadline.from_header(deadline.to_header(seconds))
    assert seconds - 0.001 <= told <= seconds or told == seconds


@given(st.text())
def test_whatever_a_header_says_is_usable_or_nothing(text):
    found = deadline.from_header(text)
    assert found is None or 0 <= found <= deadline.MAX_MS / 1000


@pytest.mark.parametrize("text", ["", "-1", "1.5", "soon", "²", "99999999", " 5"])
def test_what_is_no_number_of_milliseconds_is_no_deadline(text):
    assert deadline.from_header(text) is None


def test_what_is_over_is_told_as_nothing_left():
    assert deadline.to_header(-3) == "0"
