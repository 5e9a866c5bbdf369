"""Crossings as GitHub Actions annotations: `::warning file=...` lines in a job's log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.report.sarif import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.crossings.crossing import Crossing


def render(crossings: Iterable[Crossing], level: str = "warning") -> str:
    """Return one annotation per crossing; `level` is notice, warning or error."""
    return "".join(f"{_annotation(crossing, level)}\n" for crossing in crossings)


def _annotation(crossing: Crossing, level: str) -> str:
    place = {
        "file": crossing.path,
        "line": str(crossing.line),
        "endLine": str(crossing.end_line),
        "col": str(crossing.column),
        "title": f"crossing: {crossing.kind}",
    }
    properties = ",".join(f"{name}={_escape_property(value)}" for name, value in place.items())
    return f"::{level} {properties}::{_escape(message(crossing))}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
