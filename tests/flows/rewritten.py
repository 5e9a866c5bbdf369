"""A copy of the reference shop whose services' seams `codemods rewrite` has cut, made once.

FLOW  copy -> rewrite all four services, one after the other -> the shop's own suite, in process,
      writing pacts, and noting which tests call a client
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
    from collections.abc import Sequence
    from pathlib import Path

SERVICES = ("users", "products", "orders", "payments")
PACTS, CONSUMER = "contracts/pacts", "shop"
CALLERS = "callers.txt"
SETTINGS = "starts Django again and again to look at settings, which no rewrite touches"
GATEWAY = "asks the payment gateway and nobody else, on the far side of what is rewritten"
LEFT_OUT = {
    "monolith/orders/tests/test_crossings.py":
        "the table in monolith/README.md is of the coupled shop: what it names is rewritten here",
    "monolith/common/tests/test_settings.py": SETTINGS,
    "monolith/payments/tests/test_gateways.py": GATEWAY,
    "monolith/payments/tests/test_commands.py::"
    "test_the_gateway_process_keeps_its_books_over_a_restart": GATEWAY,
    "monolith/payments/tests/test_commands.py::test_a_port_in_use_is_said_in_one_line": GATEWAY,
}  # fmt: skip
"""Tests of the shop that nothing rewritten could fail; all run on the coupled shop."""
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
    """A copy of the shop, and what the rewrite for each service said as JSON."""

    root: Path
    said: dict[str, Any]

    def suite(
        self, *options: str, tests: Sequence[str] = ("monolith",)
    ) -> subprocess.CompletedProcess[str]:
        """Run tests of the shop's own suite, in one process: others use the machine meanwhile."""
        left_out = [f"--deselect={path}" for path in LEFT_OUT]
        return run(self.root, "-m", "pytest", *tests, "-q", "-n", "0", "-p", "no:cacheprovider",
                   *left_out, *options)  # fmt: skip

    @property
    def callers(self) -> tuple[str, ...]:
        """The ids of the tests that call a client; known once the suite ran in process."""
        return tuple((self.root / CALLERS).read_text().splitlines())


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
    services = [f"--service={service}" for service in SERVICES]
    done = codemods(root, "rewrite", *services, "--write", "--force", "--json")
    assert done.returncode in (0, 1), done.stderr
    return RewrittenShop(root, {each["service"]: each for each in json.loads(done.stdout)})


@pytest.fixture(scope="session")
def suite_in_process(rewritten: RewrittenShop) -> subprocess.CompletedProcess[str]:
    """Run the shop's own suite in process; it leaves the shop's pacts in PACTS."""
    return rewritten.suite(
        "--pacts", PACTS, "--pact-consumer", CONSUMER, "-p", "tests.servers.callers",
        "--callers", CALLERS,
    )  # fmt: skip
