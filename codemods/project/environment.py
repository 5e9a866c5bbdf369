"""What the models depend on beside their sources: the interpreter, what it finds, what is set.

An answer of the probe may be used again only while all of this is as it was. Values of variables
are kept as one digest, never as they are: settings read passwords.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.project import sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TIMEOUT_S = 30
INSTALLED = ("*.dist-info", "*.egg-info", "*.egg-link", "*.pth")
# Set by shells and terminals anew in each session; no settings module depends on them.
VOLATILE = frozenset(
    {
        "_", "COLUMNS", "DJANGO_SETTINGS_MODULE", "LINES", "OLDPWD", "PATH", "PS1", "PWD", "SHLVL",
        "TERM", "TERM_SESSION_ID", "VIRTUAL_ENV_PROMPT", "WINDOWID",
    }
)  # fmt: skip
_ASK = """
import json, sys
sys.path.pop(0)
print(json.dumps([sys.version, sys.prefix, sys.base_prefix, sys.path]))
"""


def interpreter(python: str, root: Path) -> list[Any]:
    """Return what an interpreter is and what can be imported there, to be compared later.

    Its version, prefix and path (which PYTHONPATH, a virtual environment and `.pth` files make),
    the distributions installed along the path, and the state of each source file on the path
    outside both the project and the interpreter, as of a library that is developed beside it. An
    interpreter that does not run gives nothing; the probe will say why.
    """
    try:
        done = subprocess.run(
            [python, "-c", _ASK], cwd=root, capture_output=True, text=True, timeout=TIMEOUT_S,
            check=True,
        )  # fmt: skip
        version, prefix, base, path = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return []
    folders = [Path(root, entry) for entry in path if entry]
    own = {Path(prefix), Path(base), root}
    return [
        version,
        prefix,
        path,
        [
            [entry.name, entry.stat().st_mtime_ns]
            for folder in folders
            for pattern in INSTALLED
            for entry in sorted(folder.glob(pattern))
        ],
        [
            [name, *_state(folder / name)]
            for folder in folders
            if folder.is_dir() and not any(folder.is_relative_to(place) for place in own)
            for name in sources.walk(folder, (".py",))
        ],
    ]


def conditions(root: Path, names: Iterable[str], files: Iterable[str]) -> dict[str, Any]:
    """Return what the variables and files that the project read while it started hold now."""
    read = sorted(set(names) - VOLATILE)
    values = json.dumps([[name, os.environ.get(name)] for name in read])
    return {
        "variables": read,
        "values": hashlib.blake2b(values.encode(), digest_size=16).hexdigest(),
        "files": sources.digest_files(root, sorted(files)),
    }


def still_hold(root: Path, known: Mapping[str, Any]) -> bool:
    """Tell whether what `conditions` returned earlier is so now."""
    return conditions(root, known["variables"], known["files"]) == known


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
