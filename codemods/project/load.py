"""Run the probe under the monolith's interpreter; keep its answer while all it came from holds."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.errors import ProbeError
from codemods.project import environment
from codemods.project import graph as graphs

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBE = Path(__file__).with_name("probe.py")
INSIDE = Path(__file__).with_name("inside")
TIMEOUT_S = 300
MESSAGE_LINES = 12


def load_graph(
    root: Path, *, settings: str, python: str, digests: Mapping[str, str], cache: Path | None
) -> graphs.Graph:
    """Return the project's model graph, from the cache when nothing it depends on has changed.

    Args:
        root: folder the monolith is started from.
        settings: its settings module.
        python: its interpreter.
        digests: path to content digest of every Python file under `root`.
        cache: folder to keep answers in; None keeps none.

    Raises:
        ProbeError: the monolith does not start there; carries the end of what it printed.
    """
    place = cache and _place(cache, root, settings=settings, python=python, digests=digests)
    text = _kept(place, root) if place else None
    if text is None:
        text = _run_probe(root, settings=settings, python=python)
        if place:
            _keep(place, root, text)
    return graphs.parse(json.loads(text), _digest(text))


def kept_digest(
    root: Path, *, settings: str, python: str, digests: Mapping[str, str], cache: Path
) -> str | None:
    """Return the digest of the graph that `load_graph` would return without asking the monolith.

    None when it would have to ask: nothing is kept, or not for these sources, this interpreter, or
    what is set in the environment now.
    """
    place = _place(cache, root, settings=settings, python=python, digests=digests)
    text = _kept(place, root)
    return None if text is None else _digest(text)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _place(
    cache: Path, root: Path, *, settings: str, python: str, digests: Mapping[str, str]
) -> Path:
    """Return where the answer for these sources under this interpreter is kept."""
    depends_on = [
        sorted(digests.items()),
        settings,
        python,
        environment.interpreter(python, root),
        *(file.read_text() for file in (PROBE, *sorted(INSIDE.glob("*.py")))),
    ]
    return cache / f"graph-{_digest(json.dumps(depends_on))}.json"


def _kept(place: Path, root: Path) -> str | None:
    """Return a kept answer if what the project read while it started is as it was.

    The first line of the file says what that was, the rest is the answer.
    """
    try:
        head, text = place.read_text(encoding="utf-8").split("\n", 1)
        return text if environment.still_hold(root, json.loads(head)) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(place: Path, root: Path, text: str) -> None:
    """Keep an answer in place of the one before it; written whole or not at all."""
    read = json.loads(text)["read"]
    head = json.dumps(environment.conditions(root, read["variables"], read["files"]))
    place.parent.mkdir(parents=True, exist_ok=True)
    for stale in place.parent.glob("graph-*.json"):
        stale.unlink(missing_ok=True)
    partial = place.with_name(f".{place.name}.{os.getpid()}")
    partial.write_text(f"{head}\n{text}", encoding="utf-8")
    partial.replace(place)


def _run_probe(root: Path, *, settings: str, python: str) -> str:
    with tempfile.TemporaryDirectory(prefix="codemods-") as folder:
        out = Path(folder) / "graph.json"
        variables = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
        variables.setdefault("PYTHONWARNINGS", "ignore")
        try:
            done = subprocess.run(
                [python, str(PROBE), str(out), str(root)],
                cwd=root,
                env=variables,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ProbeError(
                f"{python} with settings {settings!r} did not finish starting within {TIMEOUT_S} s."
                f" Try `{python} -m django check --settings {settings}` in {root}."
            ) from None
        except OSError as error:
            raise ProbeError(
                f"{python} cannot be run: {error}. Pass --python INTERPRETER."
            ) from error
        if done.returncode or not out.is_file():
            told = "\n".join(
                f"    {line}" for line in done.stderr.strip().splitlines()[-MESSAGE_LINES:]
            )
            raise ProbeError(
                f"the monolith in {root} does not start under {python} with settings {settings!r}"
                f" (exit {done.returncode}):\n{told}\n"
                f"  {_remedy(done.stderr)}"
            )
        return out.read_text()


def _remedy(told: str) -> str:
    """Say what to do when the monolith does not start."""
    if "No module named 'strangler'" in told:
        return (
            "Generated clients stand on strangler.client: install strangler for that interpreter,"
            " or put its folder on PYTHONPATH."
        )
    return (
        "Name its own interpreter with --python, its settings with --settings, and set the"
        " environment it needs."
    )
