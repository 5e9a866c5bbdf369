"""Format what was rewritten as the project formats it, where a file was so formatted before.

pyproject, ruff.toml ─> the project's formatter ─> leaves the file as it was? ─> the rewritten text

A formatter that would have changed the file before would change lines that nobody rewrote, so such
a file keeps its own ways. Without a configured one, black's defaults are tried the same way.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMEOUT_S = 20
BLACK_WIDTH = 88


@dataclass
class Formatting:
    """The formatters of one project, in the order in which they are tried."""

    root: Path

    def as_before(self, path: str, before: str, after: str) -> str:
        """Return a rewritten file formatted by the first formatter that left it as it was."""
        if before == after or not path.endswith(".py"):
            return after
        for each in self._formatters:
            if each(path, before) == before:
                return each(path, after) or after
        return after

    @cached_property
    def _formatters(self) -> list[Callable[[str, str], str | None]]:
        tools = self._tools
        found: list[Callable[[str, str], str | None]] = []
        ruff = shutil.which("ruff") or shutil.which("ruff", path=str(Path(sys.executable).parent))
        names = ("ruff.toml", ".ruff.toml")
        if ruff and ("ruff" in tools or any((self.root / name).is_file() for name in names)):
            found.append(lambda path, text: _ruff(ruff, self.root, path, text))
        options = tools.get("black", {})
        found.append(lambda _path, text: _black(options, text))
        return found

    @cached_property
    def _tools(self) -> Mapping[str, Any]:
        try:
            told = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        tools = told.get("tool", {})
        return tools if isinstance(tools, dict) else {}


def _ruff(command: str, root: Path, path: str, text: str) -> str | None:
    """Return what ruff makes of a text; None where it cannot tell."""
    try:
        done = subprocess.run(
            [command, "format", "--force-exclude", "--stdin-filename", path, "-"],
            cwd=root, input=text, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _black(options: Mapping[str, Any], text: str) -> str | None:
    """Return what black makes of a text under a project's options; None where it cannot tell."""
    import black  # takes a while to import
    from black.mode import TargetVersion

    named = {name.replace("-", "_"): value for name, value in options.items()}
    versions = named.get("target_version", [])
    known = {version.name.lower(): version for version in TargetVersion}
    try:
        mode = black.Mode(
            line_length=int(named.get("line_length", BLACK_WIDTH)),
            target_versions={known[name] for name in versions if name in known},
            string_normalization=not named.get("skip_string_normalization", False),
            magic_trailing_comma=not named.get("skip_magic_trailing_comma", False),
            preview=bool(named.get("preview", False)),
            is_pyi=False,
        )
        return black.format_str(text, mode=mode)
    except Exception:  # noqa: BLE001  black raises more than InvalidInput; the text stays as it is
        return None
