"""Every item of both lists is paired exactly once, and equal items with one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.shadow.align import align_by_content, align_by_id, shared_id

lists = st.lists(st.integers(0, 4), max_size=12)
ids = st.lists(st.integers(0, 20), max_size=12, unique=True)


@given(lists, lists)
def test_content_alignment_covers_both_sides_in_order(control, candidate):
    pairs = align_by_content(control, candidate)
    assert [a for a, _ in pairs if a is not None] == list(range(len(control)))
    assert [b for _, b in pairs if b is not None] == list(range(len(candidate)))


@given(lists, lists, lists)
def test_a_run_put_in_is_all_there_is_to_report(start, inserted, end):
    pairs = align_by_content(start + end, start + inserted + end)
    assert sum(a is None or b is None for a, b in pairs) == len(inserted)


@given(ids, ids)
def test_id_alignment_pairs_equal_ids_and_covers_both_sides(control, candidate):
    pairs = align_by_id(control, candidate)
    assert sorted(a for a, _ in pairs if a is not None) == list(range(len(control)))
    assert sorted(b for _, b in pairs if b is not None) == list(range(len(candidate)))
    for key in set(control) & set(candidate):
        assert (control.index(key), candidate.index(key)) in pairs


@pytest.mark.parametrize(
    ("control", "candidate", "member"),
    [
        ([{"id": 1}], [{"id": 2}], "id"),
        ([{"slug": "a", "n": 1}], [{"slug": "b", "n": 1}], "slug"),
        ([{"id": 1}, {"id": 1}], [{"id": 1}], None),
        ([{"id": None}], [{"id": 1}], None),
        ([{"id": True}], [{"id": 1}], None),
        ([1], [1], None),
        ([], [{"id": 1}], None),
    ],
)
def test_what_identifies_items(control, candidate, member):
    assert shared_id(control, candidate) == member
