"""`foreign.py` on a small project: what ran, what the source shows, what a rewrite left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from codemods.crossings.crossing import Crossing
from codemods.trace.access import Access
from codemods.trace.merge import Marked, Merged
from codemods.trace.records import Site, Trace
from tests.bench.foreign_run import moved, outcomes, sites, workplace
from tests.bench.foreign_run.commands import words_of
from tests.bench.foreign_run.outcomes import Outcome
from tests.codemods.trace import teamshop
from tests.codemods.trace.runs import without_django

ENTRY = Path(__file__).with_name("foreign.py")
CONTEXTS = '[contexts.people]\napps = ["people"]\n[contexts.shop]\napps = ["shop"]\n'


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "contexts.toml").write_text(CONTEXTS)
    return teamshop.write(tmp_path / "teamshop")


def foreign(shop, *words, python=sys.executable):
    return subprocess.run(
        [
            sys.executable, str(ENTRY), str(shop), "--contexts", str(shop.parent / "contexts.toml"),
            "--python", python, "--json", str(shop.parent / "out.json"), *words,
        ],
        cwd=shop.parent, env=without_django(), capture_output=True, text=True, timeout=380,
        check=False,
    )  # fmt: skip


def tree_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestFigures:
    @pytest.mark.parametrize(
        "command", ["python manage.py test -v0", "python -m pytest -q -p no:cacheprovider"]
    )
    def test_recall_and_speed_are_measured_on_a_copy(self, shop, command):
        before = tree_of(shop)
        done = foreign(shop, "--test", command, "--no-rewrite")
        assert done.returncode == 0, done.stderr
        out = json.loads((shop.parent / "out.json").read_text())
        assert out["baseline"]["passed"] == out["baseline"]["tests"] == 17
        assert out["recall_static_pct"] > 50
        assert out["recall_joined_pct"] == 100
        assert out["sites"] == sum(row["sites"] for row in out["recall_by_kind"].values())
        assert out["map_cold_s"] > 0
        assert out["map_warm_s"] > 0
        assert out["anchor_s"] > 0
        assert out["loc"] > 100
        assert out["reads_rewritten_pct"] is None
        assert "Recall" in done.stdout
        assert tree_of(shop) == before

    @pytest.mark.timeout(400)
    def test_a_rewrite_is_measured_by_the_tests_and_the_trace_after_it(self, shop):
        done = foreign(shop, "--test", "python manage.py test -v0", "--service", "people")
        assert done.returncode in {0, 1}, done.stderr
        out = json.loads((shop.parent / "out.json").read_text())
        assert out["broken_tests"] == 0, out["services"]["people"]["broken_tests"]
        assert out["second_run_changed_bytes"] == 0
        assert out["reads_rewritten_pct"] > 0
        people = out["services"]["people"]
        gone = sum(row.get("gone", 0) for row in people["by_kind"].values())
        left = len(people["remaining_sites"])
        assert gone + left == people["read_sites"] > 10
        assert people["not_compiling"] == []
        assert people["changed_files"] > 0
        assert out["unlisted_crossings"] == len(people["unlisted"])
        assert ("unlisted: " in done.stdout) == bool(people["unlisted"])

    def test_bad_usage_is_told_at_once_and_whole(self, shop):
        done = foreign(shop, "--test", "true", "--env", "novalue", python="/no/such/python")
        assert done.returncode == 2
        assert "--env novalue" in done.stderr
        assert "/no/such/python" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_command_that_runs_no_test_is_an_error_with_what_it_said(self, shop):
        done = foreign(shop, "--test", "python manage.py nonsense", "--no-rewrite")
        assert done.returncode == 2
        assert "Unknown command" in done.stderr


class TestWorkplace:
    def test_the_copy_wins_over_an_installed_original(self, shop, tmp_path, monkeypatch):
        monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
        given = {"PYTHONPATH": str(tmp_path / "installed")}
        (tmp_path / "installed").mkdir()
        (shop / "src").mkdir()
        (shop / "people").rename(shop / "src/people")
        (tmp_path / "installed/people").symlink_to(shop / "src/people")
        place = workplace.make(
            shop, tmp_path / "copy", contexts=tmp_path / "contexts.toml", folder=tmp_path / "work",
            python=sys.executable, settings="site_settings", given=given,
        )  # fmt: skip
        assert workplace.resolve(place, ["people"])["people"] == str(
            tmp_path / "copy/src/people/__init__.py"
        )

    def test_a_project_gets_the_client_runtime_and_nothing_else_of_ours(self, shop, tmp_path):
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")],
            check=True, timeout=60,
        )  # fmt: skip
        place = workplace.make(
            shop, tmp_path / "copy", contexts=tmp_path / "contexts.toml", folder=tmp_path / "work",
            python=str(tmp_path / "venv/bin/python"), settings=None, given={},
        )  # fmt: skip
        found = workplace.resolve(place, ["strangler.client", "strangler.policy", "codemods"])
        assert found["strangler.client"].startswith(str(tmp_path / "work"))
        assert found["strangler.policy"] == found["codemods"] == ""

    def test_a_copy_has_a_clean_repository_of_its_own(self, shop, tmp_path):
        place = workplace.make(
            shop, tmp_path / "copy", contexts=tmp_path / "contexts.toml", folder=tmp_path / "work",
            python=sys.executable, settings=None, given={},
        )  # fmt: skip
        said = subprocess.run(
            ["git", "status", "--porcelain"],
            cwd=place.root, capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        assert said.stdout == ""

    def test_python_is_the_projects_and_a_shell_is_used_where_asked_for(self):
        assert words_of("python -m pytest", "/its/python") == ["/its/python", "-m", "pytest"]
        assert words_of("cd src && pytest", "/its/python") == ["sh", "-c", "cd src && pytest"]


class TestOutcomes:
    def test_of_several_outcomes_of_a_test_the_worst_counts(self, tmp_path):
        lines = [
            ("a", "passed"),
            ("a", "failed"),
            ("b", "failed"),
            ("b", "passed"),
            ("c", "passed"),
        ]
        (tmp_path / "1.jsonl").write_text(
            "".join(json.dumps({"test": t, "outcome": o, "text": ""}) + "\n" for t, o in lines)
            + '{"test": "half'
        )
        found = outcomes.read(tmp_path)
        assert {name: one.outcome for name, one in found.items()} == {
            "a": "failed", "b": "failed", "c": "passed",
        }  # fmt: skip

    def test_broken_is_what_passed_before_and_does_not_now(self):
        before = {name: Outcome(name, o) for name, o in (
            ("kept", "passed"), ("fails", "passed"), ("gone", "passed"), ("failed", "failed"),
        )}  # fmt: skip
        after = {"kept": Outcome("kept", "passed"), "fails": Outcome("fails", "failed", "why")}
        found = outcomes.broken(before, after)
        assert [(one.test, one.outcome) for one in found] == [
            ("fails", "failed"), ("gone", "missing"),
        ]  # fmt: skip


def access(path="shop/code.py", line=3, access="read", target="people", **more):
    values = {
        "start": line, "end": line, "function": "f", "node": "", "source": "shop",
        "model": "people.Person", "table": "people_person", "verbs": ("select",), "via": ("",),
        "origins": (), "in_atomic": False, "count": 1,
    }  # fmt: skip
    return Access(path=path, line=line, access=access, target=target, **(values | more))


def crossing(line=3, kind="query", path="shop/code.py", target="people"):
    return Crossing(
        path, line, 1, line, 9, kind, "shop", target, "people.Person", "people_person",
        "read", "high", "f", "x",
    )  # fmt: skip


class TestSites:
    def test_a_miss_has_the_kind_that_its_run_shows(self):
        merged = Merged(
            (Marked(crossing(3), "both", 1), Marked(crossing(9, "library"), "runtime", 1)),
            (access(line=3),), (), (access(line=9),), (),
        )  # fmt: skip
        found = sites.recall(merged)
        assert (found.sites, found.static_pct, found.joined_pct) == (2, 50.0, 100.0)
        assert found.by_kind == {"library": (1, 1), "query": (1, 0)}
        assert found.misses[0][0] == "library"

    def test_a_site_that_also_writes_is_no_read_site(self):
        found = sites.read_sites(
            [access(line=1), access(line=2), access(line=2, access="write")], "people"
        )
        assert list(found) == [("shop/code.py", 1, "people")]

    def test_a_line_is_followed_through_edits_above_and_in_its_block(self):
        after_of = sites.line_map("a\nb\nc\nd\n", "new\na\nB\nc\nd\n")
        assert [after_of(line) for line in (1, 2, 3, 4)] == [{2}, {3}, {4}, {5}]
        grown = sites.line_map("a\nb\nc\n", "a\nB1\nB2\nc\n")
        assert grown(2) == {2, 3}
        assert sites.line_map("a\nb\n", "a\n")(2) == set()

    def test_a_trace_moves_along_with_the_lines_of_a_rewrite(self):
        site = Site(
            "shop/code.py", 3, 2, 4, "show", "", "", "select", ("people_person",), (),
            ("shop/code.py:1",), "shop/other.py:1-2", 5,
        )  # fmt: skip
        trace = Trace("3.11", "5.2", "config.settings", (), {}, (site,))
        maps = {
            "shop/code.py": sites.line_map("a\nb\nc\nd\n", "new\na\nb\nC1\nC2\nd\n"),
            "shop/other.py": sites.line_map("a\nb\n", "a\nb\n"),
        }
        (after,) = moved.moved(trace, maps.__getitem__).sites
        assert (after.line, after.start, after.end) == (4, 3, 6)
        assert (after.atomics, after.origin) == (("shop/code.py:2",), "shop/other.py:1-2")

    def test_what_no_longer_runs_is_gone_and_what_runs_is_listed_or_not(self):
        reads = sites.read_sites([access(line=n) for n in (1, 2, 3)], "people")
        found = sites.compare(
            reads,
            [access(line=12), access(line=13)],
            lambda _path: lambda line: {line + 10},
            unlisted={("shop/code.py", 13, "people")},
            batched=lambda one: one.line == 1,
            kinds=dict.fromkeys(reads, "query"),
        )
        assert {line for _, line, _ in found.gone} == {line for _, line, _ in found.batched} == {1}
        assert {line for _, line, _ in found.listed} == {2}
        assert {line for _, line, _ in found.unlisted} == {3}
        assert found.by_kind() == {"query": {"batched": 1, "gone": 1, "listed": 1, "unlisted": 1}}

    def test_a_class_that_a_library_acts_for_is_followed_by_its_name(self):
        page = access(line=5, start=5, end=40, node="class Page")
        reads = sites.read_sites([page], "people")
        for after, expected in (([], 1), ([access(line=50, node="class Page")], 0)):
            found = sites.compare(
                reads, after, lambda _path: lambda _line: set(),
                unlisted=set(), batched=lambda _one: False, kinds={},
            )  # fmt: skip
            assert len(found.gone) == expected
