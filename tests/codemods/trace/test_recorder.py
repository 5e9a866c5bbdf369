"""The recorder alone: it never disturbs its host, and knows whose code a frame is."""

from __future__ import annotations

import json
import os
import shutil
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from codemods.trace.inside import frames, recorder
from codemods.trace.inside.frames import Files
from codemods.trace.inside.recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path

CURSOR = SimpleNamespace(db=SimpleNamespace(), cursor=None)
ASK = "def ask(record, cursor, sql):\n    execute(record, cursor, sql)\n"
WATCH = "def execute(record, cursor, sql):\n    record(cursor, sql)\n"


class Host:
    """A project with one line of its own, `shop.py:2`, that asks through a library's `execute`."""

    def __init__(self, folder: Path) -> None:
        self.root, self.out = folder / "project", folder / "out"
        self.root.mkdir()
        self.out.mkdir()
        names: dict[str, Any] = {"__name__": "library"}
        exec(compile(WATCH, "/usr/lib/library.py", "exec"), names)
        own = {"__name__": "shop", "execute": names["execute"]}
        exec(compile(ASK, str(self.root / "shop.py"), "exec"), own)
        self.ask = own["ask"]
        self.recorder = Recorder(str(self.out), str(self.root))

    def run(self, sql: Any, cursor: Any = CURSOR) -> None:
        self.ask(self.recorder.record, cursor, sql)

    def written(self) -> list[dict[str, Any]]:
        texts = [path.read_text() for path in sorted(self.out.iterdir())]
        return [json.loads(line) for text in texts for line in text.splitlines()]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_site_is_written_at_once_and_its_count_when_asked(host: Host) -> None:
    host.run("SELECT 1 FROM a")
    host.run("SELECT 1 FROM a")
    head, site = host.written()
    assert head["python"] == sys.executable
    assert site["site"] == ["shop.py", 2, None, None, None]
    assert site["sql"] == ["select", ["a"], []]
    host.recorder.flush()
    host.recorder.flush()
    assert host.written()[2:] == [{"counts": [[0, 2]]}]


def test_counts_are_written_every_so_often(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "FLUSH_EVERY", 3)
    for _ in range(7):
        host.run("SELECT 1 FROM a")
    assert [entry["counts"] for entry in host.written()[2:]] == [[[0, 3]], [[0, 3]]]


def test_what_cannot_be_understood_is_told_once_and_never_raised(host: Host) -> None:
    host.run(object())
    host.run(object())
    host.run("SELECT 1 FROM a")
    told = [entry for entry in host.written() if "error" in entry]
    assert [entry["error"].split(":")[0] for entry in told] == ["AttributeError"]
    assert any("site" in entry for entry in host.written())


def test_a_folder_that_vanished_disturbs_nobody(host: Host) -> None:
    shutil.rmtree(host.out)
    host.run("SELECT 1 FROM a")
    host.recorder.flush()


def test_a_fork_writes_a_file_of_its_own_and_counts_from_zero(host: Host) -> None:
    host.run("SELECT 1 FROM a")
    child = os.fork()
    if child == 0:
        host.run("SELECT 1 FROM a")
        host.recorder.flush()
        os._exit(0)
    os.waitpid(child, 0)
    host.recorder.flush()
    assert len(list(host.out.iterdir())) == 2
    assert [entry["counts"] for entry in host.written() if "counts" in entry] == [[[0, 1]]] * 2


def test_statements_are_kept_up_to_a_bound(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_CACHED_STATEMENTS", 10)
    for number in range(50):
        host.run(f"SELECT {number} FROM a")
    assert len(host.recorder.statements) <= 11
    assert len(host.recorder.numbers) == 1


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("shop/models.py", frames.OWN, "shop/models.py"),
        ("shop/jinja2/page.html", frames.JINJA, "shop/jinja2/page.html"),
        ("env/lib/python3/site-packages/lib/code.py", frames.LIBRARY, None),
        ("env/bin/tool.py", frames.LIBRARY, None),
        ("node_modules/x/gyp.py", frames.LIBRARY, None),
        ("/x/site-packages/django/db/models/query.py", frames.QUERY, None),
        ("/x/site-packages/django/db/models/base.py", frames.PLUMBING, None),
        ("/x/site-packages/django/template/base.py", frames.NODE, None),
        ("/x/site-packages/django/core/handlers/exception.py", frames.REQUEST, None),
        ("/x/site-packages/rest_framework/fields.py", frames.LIBRARY, "rest_framework.fields"),
        ("/x/site-packages/lib/__init__.py", frames.LIBRARY, "lib"),
        ("<string>", frames.PLUMBING, None),
        ("<frozen importlib._bootstrap>", frames.PLUMBING, None),
    ],
)
def test_whose_code_a_file_is(tmp_path: Path, path: str, kind: int, name: str | None) -> None:
    (tmp_path / "env/bin").mkdir(parents=True)
    (tmp_path / "env/pyvenv.cfg").touch()
    full = path if path.startswith(("/", "<")) else str(tmp_path / path)
    found = Files(str(tmp_path)).kind_of(full)
    assert found[0] == kind
    assert name is None or found[1] == name


def test_the_root_may_be_named_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    by_link = Files(str(tmp_path / "link"))
    assert by_link.kind_of(str(tmp_path / "real/shop.py")) == (frames.OWN, "shop.py")
    assert by_link.kind_of(str(tmp_path / "link/shop.py")) == (frames.OWN, "shop.py")
