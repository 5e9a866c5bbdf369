"""A copy of the reference shop whose services' seams `codemods rewrite` has cut, made once.

FLOW  copy -> rewrite users, then products -> the shop's own suite, in process, writing pacts
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

SERVICES = ("users", "products")
PACTS, CONSUMER = "contracts/pacts", "shop"
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


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def suite_in_process(rewritten: RewrittenShop) -> subprocess.CompletedProcess[str]:
    """Run the shop's own suite in process; it leaves the shop's pacts in PACTS."""
    return rewritten.suite("--pacts", PACTS, "--pact-consumer", CONSUMER)
