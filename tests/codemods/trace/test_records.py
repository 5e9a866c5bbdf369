"""The trace file: what is written is read back, and what is no trace is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.errors import CodemodsError
from codemods.trace import records
from codemods.trace.collect import collect
from tests.codemods.trace.made import site, trace

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.text(max_size=8)


@given(st.lists(st.builds(site, path=TEXTS, function=TEXTS, via=TEXTS), max_size=4))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, sites: list
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.json"
    path.write_text(trace(*sites).dump())
    assert records.load(path) == trace(*sorted(sites))
    assert records.load(path).dump() == trace(*reversed(sites)).dump()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        ("{", "not a trace"),
        ("[]", "not a trace of format 1"),
        ('{"format": 2}', "not a trace of format 1"),
        ('{"format": 1}', "not a whole trace: KeyError('python')"),
        (trace(site()).dump().replace('"verb"', '"verve"'), "not a whole trace"),
    ],
)
def test_what_is_no_trace_is_said_with_the_next_step(
    tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "trace.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CodemodsError, match="codemods trace -- pytest") as raised:
        records.load(path)
    assert said in str(raised.value)


def test_a_line_cut_off_by_a_kill_loses_nothing_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "1-a.jsonl").write_text(
        '{"python": "/p", "version": "3.6.1", "django": "2.2", "settings": "s"}\n'
        '{"n": 0, "site": ["a.py", 1, null, null, null],'
        ' "sql": ["select", ["t"], []], "atomics": [null]}\n'
        '{"counts": [[0, 41]]}\n{"counts": [[0, 1'
    )
    found = collect(folder, tmp_path, ("x",))
    assert found is not None
    assert [(s.path, s.line, s.count) for s in found.trace.sites] == [("a.py", 1, 41)]
    assert (found.interpreter, found.processes) == ("/p", 1)


def test_no_file_is_no_trace(tmp_path: Path) -> None:
    assert collect(tmp_path, tmp_path, ()) is None
