"""The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit on real commits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
MANIFEST = REPOSITORY / ".pre-commit-hooks.yaml"
PROGRAMS = Path(sys.executable).parent
TIMEOUT_S = 200
pytestmark = pytest.mark.timeout(2 * TIMEOUT_S)
CROSSING = (
    "from goods.models import Product\n\n\ndef count():\n    return Product.objects.count()\n"
)


class Team:
    """A repository of the small shop whose commits run the hooks."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PRE_COMMIT_HOME": str(home / "pre-commit"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{
                f"GIT_{role}_{what}": value
                for role in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
            },
        }
        self._variables.pop("DJANGO_SETTINGS_MODULE", None)

    def run(self, *command: str) -> tuple[int, str]:
        done = subprocess.run(
            command, cwd=self.root, env=self._variables, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def do(self, *command: str) -> str:
        status, out = self.run(*command)
        assert status == 0, out
        return out

    def commit(self, path: str, text: str) -> tuple[int, str]:
        """Write a file and commit all there is; the status and output of `git commit`."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.do("git", "add", "--all")
        return self.run("git", "commit", "--quiet", "--message", f"Change {path}")


@pytest.fixture
def team(project, tmp_path):
    root = tmp_path / "shop"
    shutil.copytree(project, root, ignore=shutil.ignore_patterns("__pycache__", ".git"))
    (root / ".gitignore").write_text("__pycache__/\n")
    home = tmp_path / "home"
    home.mkdir()
    made = Team(root, home)
    made.do("git", "init", "--quiet", "--initial-branch", "main")
    return made


@pytest.fixture
def offered(team, tmp_path):
    """Commit the manifest to a repository of its own; return the configuration that takes hooks."""
    folder = tmp_path / "offered"
    folder.mkdir()
    (folder / MANIFEST.name).write_text(MANIFEST.read_text())
    git = ("git", "-C", str(folder))
    team.do(*git, "init", "--quiet")
    team.do(*git, "add", "--all")
    team.do(*git, "commit", "--quiet", "--message", "Offer hooks")
    revision = team.do(*git, "rev-parse", "HEAD").strip()

    def config(*ids: str) -> str:
        hooks = "".join(f"      - id: {id_}\n" for id_ in ids)
        return f"repos:\n  - repo: {folder}\n    rev: {revision}\n    hooks:\n{hooks}"

    return config


def test_the_manifest_is_valid(team):
    team.do("pre-commit", "validate-manifest", str(MANIFEST))


def test_the_check_hook_lets_the_ledger_only_shrink(team, offered):
    (team.root / ".pre-commit-config.yaml").write_text(offered("codemods-check"))
    team.do("codemods", "check", "--write-ledger")
    team.do("git", "add", "--all")
    team.do("pre-commit", "install")
    status, out = team.commit("shop/unrelated.py", "TOTAL = 1\n")
    assert (status, "Passed" in out) == (0, True), out

    status, out = team.commit("shop/count.py", CROSSING)
    assert status == 1
    assert "shop/count.py:5:12: query: shop -> goods (goods.Product)" in out
    assert "Instead: ask the owning context through its client." in out

    team.do("codemods", "check", "--write-ledger")
    status, out = team.commit("shop/count.py", CROSSING)
    assert status == 0, out

    status, out = team.commit("shop/count.py", "def count():\n    return 0\n")
    assert (status, "stale: shop -> goods | shop/count.py" in out) == (1, True), out
    team.do("codemods", "check", "--write-ledger")
    assert team.commit("shop/count.py", "def count():\n    return 0\n")[0] == 0

    status, out = team.commit("README.md", "A shop.\n")
    assert (status, "Skipped" in out) == (0, True), out


def test_the_fix_hook_rewrites_what_is_staged_and_nothing_else(team, offered):
    (team.root / ".pre-commit-config.yaml").write_text(offered("codemods-fix", "codemods-check"))
    team.do("codemods", "init")
    with (team.root / "contexts.toml").open("a") as file:
        file.write('\n[rewrite]\nservices = ["goods"]\n')
    committed = team.root / "shop/count.py"
    committed.write_text(CROSSING)
    team.do("codemods", "check", "--write-ledger")
    team.do("git", "add", "--all")
    team.do("git", "commit", "--quiet", "--message", "A shop")
    team.do("pre-commit", "install")

    code = CROSSING.replace("def count()", "def named(key)").replace("count()", "get(pk=key).name")
    status, out = team.commit("shop/named.py", code)
    assert (status, "files were modified by this hook" in out) == (1, True), out
    rewritten = (team.root / "shop/named.py").read_text()
    assert rewritten.startswith("from clients import goods_client\n")
    assert "Product.objects" not in rewritten
    assert (team.root / "contracts/goods.json").is_file()
    assert committed.read_text() == CROSSING

    status, out = team.commit("shop/named.py", rewritten)
    assert (status, out.count("Passed")) == (0, 2), out
    assert (team.root / "shop/named.py").read_text() == rewritten
    assert team.do("git", "status", "--porcelain") == ""


def test_the_fix_hook_says_how_services_are_named(team, offered):
    (team.root / ".pre-commit-config.yaml").write_text(offered("codemods-fix"))
    team.do("git", "add", "--all")
    team.do("pre-commit", "install")
    status, out = team.commit("shop/count.py", CROSSING)
    assert (status, "[rewrite]" in out, "Traceback" in out) == (1, True, False), out
