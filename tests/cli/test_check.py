import pytest

from strangler.policy.schema import SCHEMA_PATH
from tests.cli.commands import ROOT


def test_a_good_file_is_summed_up_in_one_line(shop):
    done = shop.run("check")
    assert done.status == 0
    assert done.out.startswith("strangler.toml: 3 routes, 4 upstreams, 1 switch, no problems")
    assert done.out.count("\n") == 1


def test_every_problem_is_told_at_once_with_line_and_hint(shop):
    shop.path.write_text(
        shop.text.replace('"canary" ', '"canry" ').replace("shadow_pct", "shadw_pct")
    )
    done = shop.run("check")
    assert done.status == 2
    assert done.out == ""
    assert "2 problems" in done.err
    assert "strangler.toml:23: routes.detail.stage: should be 'monolith'" in done.err
    assert "strangler.toml:25: routes.detail.shadw_pct: unknown key" in done.err
    assert "did you mean shadow_pct?" in done.err
    problems = shop.run("check", "--json").json["problems"]
    assert [problem["line"] for problem in problems] == [23, 25]


def test_a_missing_file_is_told_with_the_next_step(shop):
    done = shop.run("check", "--policy", "nowhere.toml")
    assert done.status == 2
    assert "nowhere.toml" in done.err
    assert "strangler init" in done.err


def test_the_reference_policy_is_right(shop):
    assert shop.run("check", "--json", "--policy", str(ROOT / "strangler.toml")).json["ok"]


def test_init_writes_a_file_that_passes_and_never_overwrites(shop):
    shop.path.unlink()
    assert shop.run("init").status == 0
    written = shop.path.read_text()
    assert shop.run("check").status == 0
    again = shop.run("init")
    assert again.status == 2
    assert "exists and is left as it is" in again.err
    assert shop.path.read_text() == written


def test_init_in_a_folder_that_is_not_there_is_told(shop):
    done = shop.run("init", "--policy", "no/such/strangler.toml")
    assert (done.status, "cannot be written" in done.err) == (2, True)


def test_schema_is_what_lies_in_the_package(shop):
    assert shop.run("schema").out == SCHEMA_PATH.read_text()


@pytest.mark.parametrize("command", ["check", "route", "status", "explain", "register"])
def test_each_command_helps(shop, command):
    done = shop.run(command, "--help")
    assert done.status == 0
    assert "--policy FILE" in done.out
