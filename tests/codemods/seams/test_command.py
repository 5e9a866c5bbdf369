"""`codemods seams` on a real project, before and after its tests were traced."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.codemods.trace import teamshop
from tests.codemods.trace.runs import REPOSITORY, TIMEOUT_S, trace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return teamshop.write(tmp_path_factory.mktemp("ranked"))


def seams(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable, "-m", "codemods", "seams", "--root", str(root), "--no-cache",
            "--settings", "site_settings", "--python", sys.executable, "--jobs", "1", *options,
        ],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


def test_without_a_trace_contexts_are_ranked_by_the_source_alone(project: Path) -> None:
    done = seams(project, "--json")
    assert done.returncode == 0, done.stderr
    ranked = {seam["context"]: seam for seam in json.loads(done.stdout)["seams"]}
    assert set(ranked) == {"people", "shop"}
    assert ranked["people"]["callers"] == ["shop"]
    assert ranked["people"]["outgoing"] == {}
    assert ranked["people"]["statements"] is None
    assert ranked["people"]["incoming"]["transaction"] == 2


def test_with_a_trace_what_ran_counts_too(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "trace.json"
    run = trace(project, "python", "manage.py", "test", options=("--out", str(out)))
    assert run.status == 0, run.stderr
    static, joined = seams(project, "--json"), seams(project, "--json", "--trace", str(out))
    before, after = (json.loads(done.stdout)["seams"] for done in (static, joined))
    assert [seam["statements"] for seam in before] == [None, None]
    assert all(seam["statements"] > 0 for seam in after)
    assert all(b["cost"] < a["cost"] for b, a in zip(before, after, strict=True))
    text = seams(project, "--trace", str(out)).stdout
    assert text.splitlines()[0].split()[:3] == ["context", "cost", "in"]
    assert "people: Only called, by shop" in text


def test_a_file_that_is_no_trace_exits_2(project: Path) -> None:
    done = seams(project, "--trace", str(project / "manage.py"))
    assert done.returncode == 2
    assert "not a trace" in done.stderr
    assert "Traceback" not in done.stderr
