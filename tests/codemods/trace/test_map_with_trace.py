"""`codemods map` with what ran: each crossing static, runtime or both, and the share shown."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.codemods.trace import teamshop
from tests.codemods.trace.runs import REPOSITORY, TIMEOUT_S, trace, without_django

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = teamshop.write(tmp_path_factory.mktemp("mapped"))
    assert trace(root, "python", "manage.py", "test").status == 0
    return root


def mapped(root: Path, *options: str) -> str:
    done = subprocess.run(
        [
            sys.executable, "-m", "codemods", "map", "--root", str(root), "--no-cache",
            "--settings", "site_settings", "--python", sys.executable, "--jobs", "1", *options,
        ],
        cwd=REPOSITORY, env=without_django(), capture_output=True, text=True, timeout=TIMEOUT_S,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_crossings_say_who_saw_them(traced: Path) -> None:
    crossings = json.loads(mapped(traced, "--json"))["crossings"]
    line = teamshop.line_of(traced, "lazy")
    at_lazy = [c for c in crossings if (c["path"], c["line"]) == ("shop/code.py", line)]
    assert [(c["seen"], c["count"]) for c in at_lazy] == [("both", 1)]
    assert {c["seen"] for c in crossings if c["kind"] == "import"} == {"static"}
    blocks = {c["line"]: c["seen"] for c in crossings if c["kind"] == "transaction"}
    assert set(blocks.values()) == {"both"}


def test_the_text_tells_what_ran_and_how_much_of_it_the_source_shows(traced: Path) -> None:
    text = mapped(traced)
    assert "(ran, 1x)" in text
    assert "sites ran SQL on another context's tables; the source alone shows" in text


def test_sarif_page_and_annotations_tell_it_too(traced: Path, tmp_path: Path) -> None:
    log, page = tmp_path / "map.sarif", tmp_path / "map.html"
    annotations = mapped(traced, "--github", "--sarif", str(log), "--html", str(page))
    results = json.loads(log.read_text())["runs"][0]["results"]
    assert {result["properties"]["seen"] for result in results} >= {"static", "both"}
    assert all(("occurrenceCount" in r) != (r["properties"]["seen"] == "static") for r in results)
    assert "(ran, 1x)" in annotations
    assert '"traced":true' in page.read_text()


def test_without_a_trace_all_is_static(tmp_path: Path) -> None:
    root = teamshop.write(tmp_path)
    assert {c["seen"] for c in json.loads(mapped(root, "--json"))["crossings"]} == {"static"}
    assert "ran SQL" not in mapped(root)
