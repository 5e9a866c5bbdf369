"""One HTML page to open offline: contexts as a graph and a matrix, down to files and lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.crossings.crossing import KINDS
from codemods.crossings.report import seen as sightings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.crossings.report.seen import Seen
    from codemods.crossings.survey import Survey

FOLDER = Path(__file__).parent


def render(survey: Survey, title: str, *, seen: Mapping[str, Seen] | None = None) -> str:
    """Return the page. It loads nothing: style, script and data are inside.

    `seen` tells who saw each crossing, by its key; None when nothing was traced.
    """
    data = {
        "title": title,
        "files": survey.files,
        "problems": survey.problems,
        "kinds": {name: [kind.title, kind.advice] for name, kind in KINDS.items()},
        "traced": seen is not None,
        "crossings": [
            [
                c.source, c.target, c.kind, c.path, c.line, c.column, c.expression, c.model,
                c.access, c.confidence, c.function, who.how,
                who.count,
            ]
            for c, who in ((c, sightings.of(c, seen)) for c in survey.crossings)
        ],
    }  # fmt: skip
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    inside = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return (
        page.replace("/*STYLE*/", style).replace("/*SCRIPT*/", script).replace("/*DATA*/", inside)
    )
