"""The reference shop after `codemods rewrite`: its own suite passes, in process and over HTTP.

The shop's tests are not rewritten: they make their data with the ORM, as a team's tests would, and
pin status, body and cost of every page and endpoint.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.shop import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("rewritten-shop")]

SERVICES = ("users", "products")
COPIED = (
    "manage.py",
    "conftest.py",
    "contexts.toml",
    "pyproject.toml",
    "monolith",
    "tests/servers",
)
FOREIGN = ("*.sqlite3", "__pycache__", "media")


@dataclass(frozen=True)
class RewrittenShop:
    """A copy of the shop, and what each rewrite of it said as JSON."""

    root: Path
    said: dict[str, Any]

    def suite(
        self, *options: str, folders: tuple[str, ...] = ("monolith",)
    ) -> subprocess.CompletedProcess[str]:
        # The table in monolith/README.md is of the coupled shop: what it names is rewritten here.
        return run(self.root, "-m", "pytest", *folders, "-q", "-n", "2", "-p", "no:cacheprovider",
                   "--deselect", "monolith/orders/tests/test_crossings.py", *options)  # fmt: skip


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(NO_COLOR="1", COLUMNS="200", PYTHONPATH=str(root))
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def codemods(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = "import sys; from codemods.cli import main; sys.exit(main())"
    environment = clean_environment(NO_COLOR="1", PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, "-c", command, *arguments, "--root", str(root)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> RewrittenShop:
    root = tmp_path_factory.mktemp("rewritten") / "shop"
    for name in COPIED:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(*FOREIGN))
        else:
            shutil.copy2(source, target)
    said = {}
    for service in SERVICES:
        done = codemods(root, "rewrite", "--service", service, "--write", "--force", "--json")
        assert done.returncode in (0, 1), done.stderr
        said[service] = json.loads(done.stdout)
    return RewrittenShop(root, said)


def test_its_suite_passes_in_process(rewritten):
    done = rewritten.suite()
    assert done.returncode == 0, done.stdout[-6000:]


def test_its_suite_passes_against_real_service_processes(rewritten):
    callers = ("monolith/orders", "monolith/payments", "monolith/products")
    done = rewritten.suite("--shop-db", "postgres", "--shop-clients", "http", folders=callers)
    assert done.returncode == 0, done.stdout[-6000:]


def test_a_second_run_changes_nothing(rewritten):
    before = {path: path.read_bytes() for path in rewritten.root.rglob("*.py")}
    service = SERVICES[-1]
    done = codemods(rewritten.root, "rewrite", "--service", service, "--write", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: path.read_bytes() for path in rewritten.root.rglob("*.py")} == before


def test_the_models_need_no_migration(rewritten):
    done = run(rewritten.root, "manage.py", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
