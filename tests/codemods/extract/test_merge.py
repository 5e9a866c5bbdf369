"""What becomes of a file that the tool made, that people edited, or both: on a real repository."""

import subprocess

import pytest

from codemods.errors import CodemodsError
from codemods.extract import lock as locks
from codemods.extract import merge as merging
from codemods.extract.lock import Lock, blob_id

BEFORE = b"one\ntwo\nthree\nfour\nfive\n"
THEIRS = b"one\ntwo\nthree\nfour\nFIVE\n"
MADE = b"ONE\ntwo\nthree\nfour\nfive\n"


@pytest.fixture
def folder(tmp_path):
    """A service's folder in a repository that has what the tool wrote last."""
    (tmp_path / "file").write_bytes(BEFORE)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    return tmp_path


def git(root, *args):
    done = subprocess.run(
        ["git", *args], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def merged(folder, made, last=BEFORE):
    lock = Lock("users", {"file": blob_id(last)} if last is not None else {})

    def there(path):
        return (folder / path).read_bytes() if (folder / path).exists() else None

    found = merging.merge(made, lock, there, merging.blobs(folder))
    (outcome,) = found.outcomes
    return outcome, found


def test_the_id_of_a_blob_is_the_one_that_git_gives(folder):
    assert git(folder, "hash-object", "file") == blob_id(BEFORE)


def test_what_nobody_edited_is_replaced(folder):
    outcome, found = merged(folder, {"file": MADE})
    assert outcome.state == merging.UPDATED
    assert found.contents == {"file": MADE}
    assert found.lock("users").files == {"file": blob_id(MADE)}


def test_what_the_tool_makes_as_before_stays_as_it_was_edited(folder):
    (folder / "file").write_bytes(THEIRS)
    outcome, found = merged(folder, {"file": BEFORE})
    assert outcome.state == merging.KEPT
    assert not found.contents
    assert found.lock("users").files == {"file": blob_id(BEFORE)}


def test_edits_of_both_are_merged_and_the_next_run_changes_nothing(folder):
    (folder / "file").write_bytes(THEIRS)
    outcome, found = merged(folder, {"file": MADE})
    assert outcome.state == merging.MERGED
    assert outcome.after == b"ONE\ntwo\nthree\nfour\nFIVE\n"
    (folder / "file").write_bytes(outcome.after)
    again, found = merged(folder, {"file": MADE}, last=MADE)
    assert again.state == merging.KEPT
    assert not found.contents


def test_a_conflict_is_shown_and_the_file_stays(folder):
    (folder / "file").write_bytes(BEFORE.replace(b"one", b"eins"))
    outcome, found = merged(folder, {"file": MADE})
    assert outcome.state == merging.CONFLICT
    assert "<<<<<<< yours\neins\n" in outcome.told
    assert "=======\nONE\n>>>>>>> codemods extract" in outcome.told
    assert not outcome.changes
    assert found.lock("users").files == {"file": blob_id(BEFORE)}


def test_a_base_that_the_repository_lacks_is_a_conflict_that_says_so(folder):
    (folder / "file").write_bytes(THEIRS)
    outcome, _ = merged(folder, {"file": MADE}, last=b"never committed\n")
    assert outcome.state == merging.CONFLICT
    assert "is not in the repository" in outcome.told


def test_a_file_that_somebody_else_wrote_is_not_written_over(folder):
    outcome, _ = merged(folder, {"file": MADE}, last=None)
    assert outcome.state == merging.CONFLICT
    assert "not written by this tool" in outcome.told
    assert not outcome.changes


def test_a_file_that_is_the_same_already_is_taken_over(folder):
    outcome, found = merged(folder, {"file": BEFORE}, last=None)
    assert outcome.state == merging.SAME
    assert found.lock("users").files == {"file": blob_id(BEFORE)}


def test_what_is_made_no_more_goes_unless_it_was_edited(folder):
    outcome, found = merged(folder, {})
    assert outcome.state == merging.REMOVED
    assert found.removed == ("file",)
    (folder / "file").write_bytes(THEIRS)
    outcome, found = merged(folder, {})
    assert outcome.state == merging.ORPHAN
    assert not found.removed
    assert found.lock("users").files == {"file": blob_id(BEFORE)}


def test_what_was_removed_by_hand_stays_removed_until_the_tool_makes_another(folder):
    (folder / "file").unlink()
    outcome, found = merged(folder, {"file": BEFORE})
    assert (outcome.state, found.contents) == (merging.KEPT, {})
    outcome, found = merged(folder, {"file": MADE})
    assert (outcome.state, found.contents) == (merging.CONFLICT, {})


def test_bytes_that_are_no_text_are_not_merged(folder):
    (folder / "file").write_bytes(b"\0mine")
    git(folder, "add", "-A")
    outcome, _ = merged(folder, {"file": b"\0made"}, last=BEFORE)
    assert outcome.state == merging.CONFLICT
    assert "cannot merge" in outcome.told


def test_a_lock_reads_back_and_a_broken_one_is_told():
    lock = Lock("users", {"b": "2", "a": "1"})
    assert locks.load(locks.render(lock), "users", "x").files == lock.files
    assert locks.load(None, "users", "x").files == {}
    with pytest.raises(CodemodsError, match=r"x/extract\.lock\.json: not a lock"):
        locks.load(b"<<<<<<<", "users", "x/extract.lock.json")
    with pytest.raises(CodemodsError, match="Is --out the right folder"):
        locks.load(locks.render(lock), "orders", "x")
