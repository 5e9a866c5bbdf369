"""Run the probe under the monolith's interpreter and keep its answer by digest of its sources."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.errors import ProbeError
from codemods.project import graph as graphs

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBE = Path(__file__).with_name("probe.py")
TIMEOUT_S = 300
MESSAGE_LINES = 12


def load_graph(
    root: Path, *, settings: str, python: str, digests: Mapping[str, str], cache: Path | None
) -> graphs.Graph:
    """Return the project's model graph, from the cache when no source of it has changed.

    Args:
        root: folder the monolith is started from.
        settings: its settings module.
        python: its interpreter.
        digests: path to content digest of every Python file under `root`.
        cache: folder to keep answers in; None keeps none.

    Raises:
        ProbeError: the monolith does not start there; carries the end of what it printed.
    """
    installed = fingerprint_of_environment(python)
    key = hashlib.blake2b(
        json.dumps(
            [sorted(digests.items()), settings, python, installed, PROBE.read_text()]
        ).encode(),
        digest_size=16,
    ).hexdigest()
    kept = cache / f"graph-{key}.json" if cache else None
    if kept and kept.is_file():
        text = kept.read_text()
    else:
        text = _run_probe(root, settings=settings, python=python)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            for stale in kept.parent.glob("graph-*.json"):
                stale.unlink(missing_ok=True)
            kept.write_text(text)
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return graphs.parse(json.loads(text), digest)


def fingerprint_of_environment(python: str) -> list[str]:
    """Name what is installed beside the interpreter, so that an upgrade reads the models anew."""
    library = Path(python).parent.parent / "lib"
    return sorted(
        f"{path.parent.parent.name}/{path.name}"
        for path in library.glob("python*/site-packages/*.dist-info")
    )


def _run_probe(root: Path, *, settings: str, python: str) -> str:
    with tempfile.TemporaryDirectory(prefix="codemods-") as folder:
        out = Path(folder) / "graph.json"
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
        environment.setdefault("PYTHONWARNINGS", "ignore")
        try:
            done = subprocess.run(
                [python, str(PROBE), str(out), str(root)],
                cwd=root,
                env=environment,
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
                "  Name its own interpreter with --python, its settings with --settings, and set"
                " the environment it needs."
            )
        return out.read_text()
