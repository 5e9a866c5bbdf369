import itertools
import json
import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.errors import PolicyError
from strangler.policy import Stage, load_policy
from strangler.policy.audit import audit_path, read_entries
from strangler.policy.edit import plan_edit, write_edit

POLICY = """\
# The shop's policy.
version = 1

[upstreams.monolith]
instances = ["127.0.0.1:8000"]   # one for now
[upstreams.products]

# Catalogue, owned by the blue team.
[routes.list]
path = "/api/products/"
candidate = "products"
stage = "canary"                 # since Monday
share_pct = 10
# The detail page follows.

[[routes.list.overrides]]
header = "X-Side"
value = "new"
to = "candidate"

[routes]
detail = { path = "/api/products/{id}/", candidate = "products" }  # on one line
"""
STAGE = ("routes", "list", "stage")
SHARE = ("routes", "list", "share_pct")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "strangler.toml"
    file.write_text(POLICY)
    return file


def without_lines(text: str, *starts: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(starts))


def test_only_the_value_changes_comments_and_order_stay(path):
    write_edit(plan_edit(path, {SHARE: 20.0}), why="errors are flat")
    assert path.read_text() == POLICY.replace("share_pct = 10\n", "share_pct = 20\n")


def test_a_comment_behind_the_value_stays(path):
    write_edit(plan_edit(path, {STAGE: "monolith", SHARE: 0}), why="rollback")
    assert 'stage = "monolith"                 # since Monday\nshare_pct = 0\n' in path.read_text()


def test_a_key_that_was_not_there_is_added_and_one_can_be_removed(path):
    write_edit(plan_edit(path, {("routes", "list", "fallback"): False}), why="try")
    assert load_policy(path).route("list").fallback is False
    write_edit(plan_edit(path, {("routes", "list", "fallback"): None}), why="back")
    assert path.read_text() == POLICY


def test_a_route_on_one_line_is_changed_in_place(path):
    write_edit(plan_edit(path, {("routes", "detail", "stage"): "shadow"}), why="look")
    text = path.read_text()
    assert 'candidate = "products", stage = "shadow"}  # on one line' in text.replace(" }", "}")
    assert without_lines(text, "detail =") == without_lines(POLICY, "detail =")


def test_line_ends_of_windows_are_kept(path):
    path.write_bytes(POLICY.replace("\n", "\r\n").encode())
    write_edit(plan_edit(path, {SHARE: 20.0}), why="x")
    assert path.read_bytes().replace(b"\r\n", b"").count(b"\n") == 0
    assert b"share_pct = 20\r\n" in path.read_bytes()


def test_a_value_that_stands_already_leaves_the_file_as_it_is(path):
    path.write_text(POLICY.replace("share_pct = 10", "share_pct  =  1_0.0"))
    edit = plan_edit(path, {SHARE: 10, ("routes", "list", "fallback"): None})
    assert edit.is_empty
    assert edit.changes == ()
    assert edit.diff == ""


def test_what_would_be_wrong_is_refused_before_anything_is_written(path):
    with pytest.raises(PolicyError, match="stage canary needs a share between 0 and 100, got 0"):
        plan_edit(path, {SHARE: 0})
    with pytest.raises(PolicyError, match="stage"):
        plan_edit(path, {STAGE: "canry"})
    assert path.read_text() == POLICY


def test_a_plan_writes_nothing(path):
    edit = plan_edit(path, {STAGE: "extracted"})
    assert path.read_text() == POLICY
    assert (edit.before.route("list").stage, edit.after.route("list").stage) == (
        Stage.CANARY, Stage.EXTRACTED,
    )  # fmt: skip
    assert not audit_path(edit.before).exists()


def test_only_routes_that_go_another_way_are_touched(path):
    assert plan_edit(path, {("routes", "list", "fallback"): False}).routes == ("list",)


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(path):
    edit = plan_edit(path, {SHARE: 20.0})
    theirs = POLICY.replace("since Monday", "since Tuesday")
    path.write_text(theirs)
    with pytest.raises(PolicyError, match="changed since it was read"):
        write_edit(edit, why="x")
    assert path.read_text() == theirs
    assert read_entries(audit_path(edit.after)) == ()


def test_mode_and_symlink_are_kept_and_nothing_is_left_beside(path, tmp_path):
    path.chmod(0o640)
    link = tmp_path / "linked" / "strangler.toml"
    link.parent.mkdir()
    link.symlink_to(path)
    write_edit(plan_edit(link, {SHARE: 20.0}), why="x")
    assert link.is_symlink()
    assert "share_pct = 20" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["strangler.toml"]


def test_every_change_is_recorded_with_who_when_why_and_what(path, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "rosa")
    first = write_edit(plan_edit(path, {SHARE: 20.0}), why="errors are flat")
    second = write_edit(plan_edit(path, {STAGE: "monolith", SHARE: 0}), why="p95 is up")
    log = audit_path(load_policy(path))
    assert read_entries(log) == (first, second)
    told = json.loads(log.read_text().splitlines()[1])
    assert told["why"] == "p95 is up"
    assert told["who"].startswith("rosa")
    assert told["at"].endswith("+00:00")
    assert told["routes"] == ["list"]
    assert told["changes"] == [
        {"key": "routes.list.stage", "before": "canary", "after": "monolith"},
        {"key": "routes.list.share_pct", "before": 20, "after": 0},
    ]
    assert (first.revision_after, second.revision_after) == (
        second.revision_before, load_policy(path).revision,
    )  # fmt: skip


def test_a_change_that_cannot_be_recorded_is_not_made(path, tmp_path):
    (tmp_path / "var").write_text("a file where a folder must be")
    with pytest.raises(PolicyError, match="audit log cannot be written"):
        write_edit(plan_edit(path, {SHARE: 20.0}), why="x")
    assert path.read_text() == POLICY


def _raise_share(path: Path, key: tuple[str, ...], values: list[int]) -> None:
    for value in values:
        while True:
            try:
                write_edit(plan_edit(path, {key: value}), why=str(os.getpid()))
            except PolicyError as error:
                assert "changed since" in str(error)  # noqa: PT017 - in another process
            else:
                break


def test_editors_at_the_same_time_lose_no_update(path):
    context = multiprocessing.get_context("spawn")
    keys = [SHARE, ("routes", "list", "timeout_s"), ("routes", "detail", "timeout_s")]
    editors = [
        context.Process(target=_raise_share, args=(path, key, list(range(1, 9)))) for key in keys
    ]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(60)
        assert editor.exitcode == 0
    policy = load_policy(path)
    assert (policy.route("list").share_pct, policy.route("list").timeout_s) == (8, 8)
    assert policy.route("detail").timeout_s == 8
    entries = read_entries(audit_path(policy))
    assert len(entries) == 24
    chained = itertools.pairwise(entries)
    assert all(one.revision_after == other.revision_before for one, other in chained)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9999).map(lambda bucket: bucket / 100))
def test_any_share_comes_back_as_it_was_given(tmp_path_factory, share_pct):
    path = tmp_path_factory.mktemp("any") / "strangler.toml"
    path.write_text(POLICY)
    write_edit(plan_edit(path, {SHARE: share_pct}), why="x")
    assert load_policy(path).route("list").share_pct == share_pct
    assert without_lines(path.read_text(), "share_pct") == without_lines(POLICY, "share_pct")
