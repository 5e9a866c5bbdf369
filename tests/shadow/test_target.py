"""A targets file is written, read, and refused with every problem at once."""

from __future__ import annotations

import json

import pytest

from strangler.shadow.target import ShadowTarget, TargetsError, dump_targets, load_targets

TARGET = ShadowTarget(
    "r", "http://127.0.0.1:1", "http://127.0.0.1:2", ("body.a",), ("body.b",), 2.5, True
)


def test_what_is_written_reads_back(tmp_path):
    path = tmp_path / "t.json"
    path.write_text(dump_targets((TARGET,)))
    assert load_targets(path) == {"r": TARGET}


def test_the_rules_know_both_sides_and_the_host():
    rules = TARGET.rules("Shop.Example")
    assert rules.hosts == {"shop.example", "127.0.0.1:1", "127.0.0.1:2"}
    assert (rules.ignore, rules.unordered, rules.missing_is_null) == (
        ("body.a",),
        ("body.b",),
        True,
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"route": ""}, "`route`"),
        ({"control_url": "127.0.0.1:1"}, "`control_url` must be an http URL"),
        ({"candidate_url": None}, "`candidate_url`"),
        ({"ignore": "body.a"}, "`ignore` must be a list"),
        ({"timeout_s": 0}, "`timeout_s` must be a number of seconds above 0"),
        ({"timeout_s": True}, "`timeout_s`"),
        ({"missing_is_null": 1}, "`missing_is_null`"),
        ({"candidte_url": "x"}, "unknown key 'candidte_url'"),
    ],
)
def test_wrong_entries(tmp_path, change, said):
    path = tmp_path / "t.json"
    path.write_text(json.dumps([json.loads(dump_targets((TARGET,)))[0] | change]))
    with pytest.raises(TargetsError, match="entry 1") as caught:
        load_targets(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [("{}", "expected a list"), ("[", "no JSON"), ("[3]", "expected an object")],
)
def test_wrong_files(tmp_path, content, said):
    path = tmp_path / "t.json"
    path.write_text(content)
    with pytest.raises(TargetsError, match=said):
        load_targets(path)


def test_no_file(tmp_path):
    with pytest.raises(TargetsError, match="No such file"):
        load_targets(tmp_path / "t.json")
