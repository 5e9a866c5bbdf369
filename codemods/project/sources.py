"""Where the project's own files are, and how it is started: settings module and interpreter."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from pathlib import Path

SKIPPED_FOLDERS = frozenset(
    {
        "node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist", "var",
        "htmlcov", "bower_components", "staticfiles",
    }
)  # fmt: skip
_SETTINGS_IN_CODE = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*[,\]=)]+\s*["']([\w.]+)["']""")
_SETTINGS_IN_CONFIG = re.compile(
    r"""^\s*(?:DJANGO_SETTINGS_MODULE|--ds)\s*=\s*["']?([\w.]+)""", re.MULTILINE
)


def walk(root: Path, suffixes: tuple[str, ...]) -> list[str]:
    """Return the paths under `root` that end with one of `suffixes`, sorted, relative to it."""
    found: list[str] = []
    start = str(root)
    for folder, folders, files in os.walk(start):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED_FOLDERS
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))  # noqa: PTH110, PTH118
        ]
        relative = os.path.relpath(folder, start).replace(os.sep, "/")
        prefix = "" if relative == "." else relative + "/"
        found.extend(prefix + name for name in files if name.endswith(suffixes))
    return sorted(found)


def digest_files(root: Path, paths: list[str]) -> dict[str, str]:
    """Map each path to the digest of its content; a file that vanished meanwhile is left out."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            found[path] = hashlib.blake2b((root / path).read_bytes(), digest_size=12).hexdigest()
        except OSError:
            continue
    return found


def find_settings(root: Path, given: str | None) -> str:
    """Return the settings module: given, from the environment, manage.py, or pytest's settings.

    Raises:
        CodemodsError: none of them names one.
    """
    if named := given or os.environ.get("DJANGO_SETTINGS_MODULE"):
        return named
    for name, pattern in (
        ("manage.py", _SETTINGS_IN_CODE),
        ("pytest.ini", _SETTINGS_IN_CONFIG),
        ("pyproject.toml", _SETTINGS_IN_CONFIG),
        ("setup.cfg", _SETTINGS_IN_CONFIG),
        ("tox.ini", _SETTINGS_IN_CONFIG),
    ):
        path = root / name
        if path.is_file() and (match := pattern.search(path.read_text(errors="replace"))):
            return match.group(1)
    raise CodemodsError(
        f"no settings module found for {root}: neither DJANGO_SETTINGS_MODULE nor manage.py names"
        " one. Pass --settings package.settings, or --root the folder that holds manage.py."
    )


def find_interpreter(root: Path, given: str | None) -> str:
    """Return the monolith's Python: given, its own virtual environment, or the one we run on.

    Raises:
        CodemodsError: the one given does not exist.
    """
    if given:
        found = shutil.which(given)
        if not found:
            raise CodemodsError(
                f"--python {given}: no such interpreter. Name one that can run the monolith."
            )
        return found
    for folder in (".venv", "venv", "env"):
        candidate = root / folder / "bin" / "python"
        if candidate.is_file():
            return str(candidate)
    return sys.executable
