"""Runs the public commands as a user does, and shows them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.servers.shop import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo.screen import Screen

COMMAND_TIMEOUT_S = 60.0
UNSHOWN = ("--- ", "+++ ", "@@ ", " ")
"""Heads and unchanged lines of a diff; what changes is enough to follow the story."""


class CommandFailed(Exception):  # noqa: N818
    """A command of the demonstration exited as it should not; the message has its output."""


@dataclass(frozen=True)
class Commands:
    """One of the two commands, in the folder that it is about."""

    folder: Path
    screen: Screen
    name: str = "strangler"
    timeout_s: float = COMMAND_TIMEOUT_S

    def show(self, *arguments: str, allowed: tuple[int, ...] = (0,), only: int = 0) -> str:
        """Print the command and its output, and return the output.

        `only` limits the lines that are shown.

        Raises:
            CommandFailed: the exit status is not an allowed one.
        """
        self.screen.command([self.name, *arguments])
        output = self._run(arguments, allowed)
        lines = output.splitlines()
        if lines and lines[0].startswith("--- "):
            lines = [line for line in lines if not line.startswith(UNSHOWN)]
        shown = lines[:only] if only else lines
        self.screen.output("\n".join(shown))
        if len(shown) < len(lines):
            self.screen.output(f"... {len(lines) - len(shown)} more lines")
        return output

    def read(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Return what a command says with --json, or None when it says nothing; shows nothing."""
        return json.loads(self._run((*arguments, "--json"), allowed) or "null")

    def _run(self, arguments: tuple[str, ...], allowed: tuple[int, ...]) -> str:
        done = subprocess.run(
            [sys.executable, "-m", self.name, *arguments],
            cwd=self.folder, env=clean_environment(PYTHONPATH=str(ROOT)), capture_output=True,
            text=True, timeout=self.timeout_s, check=False, start_new_session=True,
        )  # fmt: skip
        if done.returncode not in allowed:
            raise CommandFailed(
                f"{self.name} {' '.join(arguments)} exited {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done.stdout
