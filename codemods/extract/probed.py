"""What a started Django project says of its URLs and settings."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.errors import ProbeError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBE = Path(__file__).with_name("probe.py")
TIMEOUT_S = 300
MESSAGE_LINES = 12


@dataclass(frozen=True)
class Probed:
    """The URL tree, and what settings name.

    `urls` are nested records as `probe.walk` makes them. `dotted` are (path to it, text) of strings
    in settings that name something in the project's own packages. `celery` is (module, name, tasks,
    module it says) of the Celery app. `variables` of the environment are those that were asked for.
    `serializers` are (model, docstring, fields) of the project's model serializers, by
    "module:Class", as `probe_serializers` gives them.
    """

    urls: tuple[Mapping[str, Any], ...]
    handlers: Mapping[str, str]
    named: Mapping[str, Any]
    dotted: tuple[tuple[tuple[str | int, ...], str], ...]
    folders: Mapping[str, tuple[str, ...]]
    authentication: tuple[str, ...]
    celery: tuple[Any, ...]
    distributions: tuple[tuple[str, str, str], ...]
    variables: tuple[str, ...] = ()
    serializers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def probe(root: Path, *, settings: str, python: str) -> Probed:
    """Start a project and ask it.

    Raises:
        ProbeError: it does not start; carries the end of what it printed.
    """
    with tempfile.TemporaryDirectory(prefix="codemods-") as folder:
        out = Path(folder) / "settings.json"
        run_django(root, [str(PROBE), str(out), str(root)], settings=settings, python=python)
        raw = json.loads(out.read_text())
    return Probed(
        urls=tuple(raw["urls"]),
        handlers=raw["handlers"],
        named=raw["named"],
        dotted=tuple((tuple(path), text) for path, text in raw["own"]),
        folders={name: tuple(found) for name, found in raw["folders"].items()},
        authentication=tuple(raw["authentication"]),
        celery=tuple(raw["celery"] or ()),
        variables=tuple(raw["variables"]),
        serializers={name: tuple(told) for name, told in raw["serializers"].items()},
        distributions=tuple((name, version, package) for name, version, package
                            in raw["distributions"]),
    )  # fmt: skip


def run_django(
    root: Path,
    command: list[str],
    *,
    settings: str,
    python: str,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run a command of a project under its interpreter, and return what it printed.

    Raises:
        ProbeError: it failed, or took longer than `TIMEOUT_S`.
    """
    told = {"DJANGO_SETTINGS_MODULE": settings, "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {"PYTHONWARNINGS": "ignore", **os.environ, **told, **(variables or {})}
    try:
        done = subprocess.run(
            [python, *command], cwd=root, env=environment, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ProbeError(
            f"{python} with settings {settings!r} did not finish within {TIMEOUT_S} s in {root}."
        ) from None
    except OSError as error:
        raise ProbeError(f"{python} cannot be run: {error}. Pass --python INTERPRETER.") from error
    if done.returncode:
        printed = (done.stderr.strip() or done.stdout.strip()).splitlines()[-MESSAGE_LINES:]
        lines = "\n".join(f"    {line}" for line in printed)
        raise ProbeError(
            f"{Path(command[0]).name} in {root} failed under {python} with settings {settings!r}"
            f" (exit {done.returncode}):\n{lines}"
        )
    return done.stdout
