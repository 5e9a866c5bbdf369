"""`codemods contract`: a real repository, a branch that changes a contract, what is told."""

import json
import subprocess

import pytest

from codemods.cli import main
from tests.codemods.contract.test_golden import GOLDEN

USERS = "contracts/users.json"
GET = "get_user_by_email_iexact"
CALLER = "shop/orders/services.py"
SOURCE = f"from shop.clients import users_client\n\n\ndef customer_find(mail):\n    return users_client.{GET}(email_iexact=mail)\n"  # noqa: E501


def git(root, *arguments):
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t.test", *arguments],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in a folder of a repository, on a branch that left main."""
    root = tmp_path / "backend"
    (root / "contracts").mkdir(parents=True)
    (root / USERS).write_text((GOLDEN / "users.json").read_text())
    (root / CALLER).parent.mkdir(parents=True)
    (root / CALLER).write_text(SOURCE)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "checkout", "-q", "-b", "change")
    monkeypatch.chdir(root)
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)
    return root


def change(root, edit):
    document = json.loads((root / USERS).read_text())
    edit(document)
    (root / USERS).write_text(json.dumps(document))


def remove(document):
    del document["paths"][f"/v1/{GET}"]


def add(document):
    read = dict(document["paths"][f"/v1/{GET}"]["get"], operationId="get_user_by_phone")
    document["paths"]["/v1/get_user_by_phone"] = {"get": read}


def check(*options):
    return main(["contract", "check", *options])


def test_nothing_changed_is_clean(project, capsys):
    assert check() == 0
    assert "0 changes break recorded callers" in capsys.readouterr().out


def test_a_removed_operation_names_the_call_site(project, capsys):
    change(project, remove)
    git(project, "commit", "-q", "-am", "drop it")
    assert check() == 1
    out = capsys.readouterr().out
    assert "where it left main" in out
    assert f"operation-removed: {GET} is offered no more" in out
    assert f"{CALLER}:5 in customer_find (orders)" in out


def test_an_addition_passes(project, capsys):
    change(project, add)
    assert check() == 0
    assert "1 added" in capsys.readouterr().out


def test_a_call_that_went_with_its_operation_breaks_nobody(project, capsys):
    change(project, remove)
    (project / CALLER).write_text("pass\n")
    assert check() == 0
    assert "nobody recorded" in capsys.readouterr().out
    (project / CALLER).unlink()
    assert check() == 0


def test_a_contract_that_is_gone_breaks_its_callers(project, capsys):
    (project / USERS).unlink()
    assert check() == 1
    assert f"{CALLER}:5" in capsys.readouterr().out


def test_what_is_accepted_passes_and_must_have_a_known_name(project, capsys):
    change(project, remove)
    assert check("--accept", GET) == 0
    assert "accepted" in capsys.readouterr().out
    assert check("--accept", "get_usr") == 2
    assert "none of that name" in capsys.readouterr().err


def test_a_departure_from_the_agreed_shape_fails(project, capsys):
    change(project, lambda document: document["paths"][f"/v1/{GET}"]["get"]["responses"].pop("401"))
    assert check("--json") == 1
    [contract] = json.loads(capsys.readouterr().out)["contracts"]
    assert contract["departures"] == [
        {"where": f"get /v1/{GET}", "told": "does not say what 401 answers"}
    ]


def test_github_counts_paths_from_the_repository(project, capsys):
    change(project, remove)
    assert check("--github") == 1
    assert f"::error file=backend/{CALLER},line=5," in capsys.readouterr().out


def test_sarif_is_valid_json_with_one_result(project, capsys):
    change(project, remove)
    assert check("--sarif") == 1
    assert len(json.loads(capsys.readouterr().out)["runs"][0]["results"]) == 1


def test_two_files_can_be_compared_without_git(project, tmp_path, capsys):
    former = tmp_path / "former.json"
    former.write_text((project / USERS).read_text())
    change(project, remove)
    assert check("--against", str(former), "--current", str(project / USERS)) == 1
    assert check("--against", str(former)) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--base", "nowhere"], "no such commit"),
        (["--against", "a", "--base", "b"], "do not go together"),
        (["--against", "nothing.json"], "cannot be read"),
        (["--service", "usres"], "Known: users"),
        (["--root", "nowhere"], "no such folder"),
    ],
)
def test_bad_usage_is_told_and_exits_2(project, capsys, options, says):
    assert check(*options) == 2
    assert says in capsys.readouterr().err


def test_outside_of_git_a_file_to_compare_with_is_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert check("--root", str(tmp_path)) == 2
    assert "--against" in capsys.readouterr().err


def test_a_broken_file_is_told_by_name(project, capsys):
    (project / USERS).write_text("<<<<<<< HEAD")
    assert check() == 2
    assert "users.json" in capsys.readouterr().err


def test_show_lists_operations_with_the_lines_that_call_them(project, capsys):
    assert main(["contract", "show", "--operation", GET]) == 0
    out = capsys.readouterr().out
    assert f"GET  /v1/{GET}  (email_iexact)" in out
    assert f"{CALLER}:5 in customer_find (orders)" in out
    assert main(["contract", "show", "users", "--json"]) == 0
    [service] = json.loads(capsys.readouterr().out)["services"]
    assert len(service["operations"]) > 5
    assert main(["contract", "show", "nobody"]) == 2
