"""Crossings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from codemods import __version__
from codemods.crossings.crossing import KINDS
from codemods.crossings.report import seen as sightings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.report.seen import Seen
    from codemods.crossings.survey import Survey


def render(survey: Survey, *, folder: str = "", seen: Mapping[str, Seen] | None = None) -> str:
    """Return a SARIF log: one rule per kind, one result per crossing.

    Args:
        survey: what was found.
        folder: the project's folder in its repository, such as "backend/".
        seen: who saw each crossing, by its key; `occurrenceCount` is how often SQL ran there.
    """
    kinds = sorted({crossing.kind for crossing in survey.crossings})
    return log(
        [_rule(kind) for kind in kinds],
        [_result(c, kinds.index(c.kind), folder, sightings.of(c, seen)) for c in survey.crossings],
        [f"{path}: {problem}" for path, problem in survey.problems],
    )


def log(
    rules: Iterable[dict[str, Any]],
    results: Iterable[dict[str, Any]],
    problems: Iterable[str] = (),
) -> str:
    """Return a SARIF log of one run, as text."""
    content = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "codemods",
                        "version": __version__,
                        "rules": list(rules),
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": list(results),
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "warning", "message": {"text": problem}}
                            for problem in problems
                        ],
                    }
                ],
            }
        ],
    }
    return json.dumps(content, indent=1) + "\n"


def location(path: str, **region: int) -> dict[str, Any]:
    """Return a place in a file; `path` is as seen from the repository's root."""
    artifact = {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def message(crossing: Crossing) -> str:
    """Say in one sentence what crosses and what to do."""
    kind = KINDS[crossing.kind]
    reached = f" ({crossing.model})" if crossing.model else ""
    return f"{crossing.source} -> {crossing.target}{reached}: {kind.title}. Instead: {kind.advice}."


def _rule(kind: str) -> dict[str, Any]:
    return {
        "id": kind,
        "shortDescription": {"text": KINDS[kind].title},
        "help": {"text": KINDS[kind].advice},
    }


def _result(crossing: Crossing, index: int, folder: str, seen: Seen) -> dict[str, Any]:
    ran = {"occurrenceCount": seen.count} if seen.count else {}
    return ran | {
        "ruleId": crossing.kind,
        "ruleIndex": index,
        "level": "warning" if crossing.access in ("write", "transaction") else "note",
        "message": {"text": f"{message(crossing)} {seen.note}".rstrip()},
        "locations": [
            location(
                folder + crossing.path,
                startLine=crossing.line,
                startColumn=crossing.column,
                endLine=crossing.end_line,
                endColumn=crossing.end_column,
            )
        ],
        "partialFingerprints": {
            "codemodsKey/v1": hashlib.blake2b(crossing.key.encode(), digest_size=16).hexdigest()
        },
        "properties": {
            "target": crossing.target,
            "model": crossing.model,
            "access": crossing.access,
            "seen": seen.how,
        },
    }
