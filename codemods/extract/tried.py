"""What a service's own tests come to when they are run in its folder.

pytest --leave-failing, in the folder ─> tests_left.txt ─> told with what is left
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from codemods.errors import ProbeError
from codemods.extract.findings import Left

if TYPE_CHECKING:
    from pathlib import Path

FILE = "tests_left.txt"
TIMEOUT_S = 1800
PASSED, FAILED, NONE = 0, 1, 5
COLLECTING = 2
"""pytest's exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html"""


def left(folder: Path) -> tuple[Left, ...]:
    """Return the tests that failed when they were tried last, each with its reason."""
    path = folder / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    told = (line.partition(" # ") for line in lines if line and not line.startswith("#"))
    return tuple(Left(name.strip(), reason.strip()) for name, _, reason in told)


def run(folder: Path, python: str) -> str:
    """Run a service's tests, write down which fail, and return pytest's last line.

    Raises:
        ProbeError: they do not run; carries the end of what was printed.
    """
    environment = {name: it for name, it in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [python, "-m", "pytest", "-q", "--tb=line", "--show-capture=no", "--leave-failing",
               "-p", "no:cacheprovider"]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProbeError(f"the tests in {folder} did not run: {error}") from error
    printed = (done.stdout.strip() or done.stderr.strip()).splitlines()
    if done.returncode not in {PASSED, FAILED, COLLECTING, NONE} or not printed:
        tail = "\n".join(f"    {line}" for line in (done.stderr or done.stdout).splitlines()[-8:])
        raise ProbeError(
            f"the tests in {folder} did not run under {python} (exit {done.returncode}); install"
            f" its requirements-dev.txt there:\n{tail}"
        )
    return printed[-1]
