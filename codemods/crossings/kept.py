"""Keep a survey on disk by the digest of all it came from, so that nothing is read twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.crossings.crossing import Crossing
from codemods.crossings.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = tuple(field.name for field in fields(Crossing))
PACKAGE = Path(__file__).parents[1]


def key_of(*parts: Any) -> str:
    """Return the digest of what a survey depends on; the code of this package is part of it."""
    own = [(path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(PACKAGE.rglob("*.py"))]
    return hashlib.blake2b(
        json.dumps([own, *parts], sort_keys=True).encode(), digest_size=16
    ).hexdigest()


def load(folder: Path, key: str) -> Survey | None:
    """Return the survey kept under a key, if there is one."""
    path = folder / f"survey-{key}.json"
    try:
        raw: Mapping[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return Survey(
        [Crossing(*values) for values in raw["crossings"]],
        [(path, problem) for path, problem in raw["problems"]],
        raw["files"],
        raw["rounds"],
    )


def save(folder: Path, key: str, survey: Survey) -> None:
    """Keep a survey in place of the one before it; written whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("survey-*.json"):
        stale.unlink(missing_ok=True)
    partial = folder / f".survey-{key}"
    partial.write_text(
        json.dumps(
            {
                "crossings": [[getattr(c, name) for name in NAMES] for c in survey.crossings],
                "problems": survey.problems,
                "files": survey.files,
                "rounds": survey.rounds,
            }
        )
    )
    partial.replace(folder / f"survey-{key}.json")
