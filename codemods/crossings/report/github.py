"""Crossings as GitHub Actions annotations: `::warning file=...` lines in a job's log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.report import seen as sightings
from codemods.crossings.report.sarif import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.report.seen import Seen


def render(
    crossings: Iterable[Crossing],
    level: str = "warning",
    *,
    folder: str = "",
    seen: Mapping[str, Seen] | None = None,
) -> str:
    """Return one annotation per crossing.

    Args:
        crossings: what to show.
        level: notice, warning or error.
        folder: the project's folder in its repository, such as "backend/"; GitHub counts from
            the repository's root.
        seen: who saw each crossing, by its key.
    """
    return "".join(
        annotation(
            level,
            {
                "file": folder + crossing.path,
                "line": str(crossing.line),
                "endLine": str(crossing.end_line),
                "col": str(crossing.column),
                "title": f"crossing: {crossing.kind}",
            },
            f"{message(crossing)} {sightings.of(crossing, seen).note}".rstrip(),
        )
        for crossing in crossings
    )


def render_stale(lines: Iterable[tuple[str, int, str]], level: str = "warning") -> str:
    """Return one annotation per (file, line, text) of a ledger whose crossing is gone."""
    return "".join(
        annotation(
            level,
            {"file": path, "line": str(number), "title": "stale ledger line"},
            f"No such crossing any more: {text}. Drop it with `codemods check --write-ledger`.",
        )
        for path, number, text in lines
    )


def annotation(level: str, place: Mapping[str, str], told: str) -> str:
    """Return one annotation: `place` holds GitHub's properties, such as file, line and title."""
    properties = ",".join(f"{name}={_escape_property(value)}" for name, value in place.items())
    return f"::{level} {properties}::{_escape(told)}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
