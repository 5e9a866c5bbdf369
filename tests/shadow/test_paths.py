"""Patterns gather what belongs together and say nothing of anyone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.shadow.paths import collapse, key_path, matches


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("body.items[3].price", "body.items[*].price"),
        ("body[0][12]", "body[*][*]"),
        ("body.by_id.41.name", "body.by_id.*.name"),
        ("body.6fa459ea-ee8a-3ca4-894e-db77e160355e", "body.*"),
        ("body.0123456789abcdef01234567[2]", "body.*[*]"),
        ('body["ann.lee@example.com"].n', "body.*.n"),
        ('body["[redacted 0123456789]"].n', "body.*.n"),
        ("body.[redacted 0123456789].n", "body.*.n"),
        ("body.s3cr3tS3cr3tS3cr3tS3cr3t.n", "body.*.n"),
        ("body.a_rather_long_name_of_a_member", "body.a_rather_long_name_of_a_member"),
        ('body["a.b"]', 'body["a.b"]'),
        ("header.set-cookie.sessionid", "header.set-cookie.sessionid"),
        ("status", "status"),
    ],
)
def test_collapse(path, pattern):
    assert collapse(path) == pattern
    assert collapse(pattern) == pattern


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_two_members_share_a_path(left, right):
    assert (key_path("body", left) == key_path("body", right)) == (left == right)


@pytest.mark.parametrize(
    ("rule", "path", "covers"),
    [
        ("body.a.**", "body.a", True),
        ("body.a.**", "body.a[0].b.c", True),
        ("body.a.**", "body.ab", False),
        ("body.*.x", "body.y.x", True),
        ("body.*.x", "body.y.z.x", False),
        ("header.*", "header.etag", True),
        ("body.a+b", "body.aab", False),
        ("body.items[*]", "body.items[10]", True),
        ("body.items[2]", "body.items[2]", True),
    ],
)
def test_rules(rule, path, covers):
    assert (matches((rule,), path) == rule) is covers
