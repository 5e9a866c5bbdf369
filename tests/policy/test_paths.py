"""Normalised paths: one spelling for each path, and no way around it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.policy.paths import normalise_path
from tests.policy.strategies import text

PIECES = (
    "/", "/", "a", "b", ".", "..", "%2e", "%2E", ";", "\\", "%", "%4", "%41", "4", "%25", "|",
    "é", "%zz", "?", "%7e", "%30", "%2F", "#",
)  # fmt: skip
targets = st.lists(st.sampled_from(PIECES), max_size=12).map(lambda p: "/" + "".join(p)) | text


@given(targets)
@settings(max_examples=1000)
def test_it_never_raises_and_what_it_returns_is_absolute(target):
    path = normalise_path(target)

    assert path is None or path.startswith("/")


@given(targets)
@settings(max_examples=1000)
def test_no_dot_segment_backslash_or_double_slash_is_left(target):
    path = normalise_path(target)

    if path is not None and path != "//":
        assert not {".", ".."} & set(path.split("/"))
        assert "//" not in path
        assert "\\" not in path


@given(targets)
@settings(max_examples=1000)
def test_a_normalised_path_is_its_own_normal_form(target):
    path = normalise_path(target)

    # Envoy resolves a dot segment with parameters only where it is written out.
    if path is not None and "/.;" not in path and "/..;" not in path:
        assert normalise_path(path) == path


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/a/b/?x=/../y", "/a/b/"),
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/a/%2e%2E/b", "/b"),
        ("//a///b//", "/a/b/"),
        ("/a//../b", "/a/b"),
        ("//", "//"),
        ("/..//", "//"),
        ("/\\", "//"),
        ("/a\\b", "/a/b"),
        ("/%41%7e%2d", "/A~-"),
        ("/%c3%a9", "/%c3%a9"),
        ("/%20", "/%20"),
        ("/%zz/%", "/%zz/%"),
        ("/%%4141", "/%25A41"),
        ("/%2541", "/%2541"),
        ('/|^`{}<>"', "/%7C%5E%60%7B%7D%3C%3E%22"),
        ("/a;b=1/c", "/a;b=1/c"),
        ("/a/..;/b", "/b"),
        ("/a/.;x/b", "/a/b"),
        ("/a/b..;/c", "/a/b..;/c"),
        ("/...", "/..."),
        ("/.a/..b", "/.a/..b"),
    ],
)
def test_it_answers_as_envoy_does(target, path):
    assert normalise_path(target) == path


@pytest.mark.parametrize(
    "target",
    [
        "",
        "a",
        "*",
        "http://a/b",
        "/a%2fb",
        "/a%5Cb",
        "/%00",
        "/a#b",
        "/?#b",
        "/é",
        "/?é",
        "/ ",
        "/\t",
    ],
)
def test_what_envoy_refuses_is_refused(target):
    assert normalise_path(target) is None
