"""One HTML page to open offline: contexts as a graph and a matrix, down to files and lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.crossings.crossing import KINDS

if TYPE_CHECKING:
    from codemods.crossings.survey import Survey

FOLDER = Path(__file__).parent


def render(survey: Survey, title: str) -> str:
    """Return the page. It loads nothing: style, script and data are inside."""
    data = {
        "title": title,
        "files": survey.files,
        "problems": survey.problems,
        "kinds": {name: [kind.title, kind.advice] for name, kind in KINDS.items()},
        "crossings": [
            [
                c.source, c.target, c.kind, c.path, c.line, c.column, c.expression, c.model,
                c.access, c.confidence, c.function,
            ]
            for c in survey.crossings
        ],
    }  # fmt: skip
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    inside = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return (
        page.replace("/*STYLE*/", style).replace("/*SCRIPT*/", script).replace("/*DATA*/", inside)
    )
