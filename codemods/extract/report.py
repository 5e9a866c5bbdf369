"""What an extraction is shown as: text for people, JSON for tools, a patch."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from codemods.extract import merge, tried

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from codemods.extract.flow import Extraction
    from codemods.extract.merge import Outcome

FEW = 12


def show(console: Console, found: Extraction, *, is_brief: bool) -> None:
    """Print what is taken along, what is left, what blocks and what would change."""
    closure, facts = found.closure, found.facts
    migrations = sum("/migrations/" in f"/{o.path}" for o in found.merge.outcomes)
    console.print(
        f"[bold]{found.service}[/bold]  {len(closure.moved)} files moved, {len(closure.copied)}"
        f" copied, {len(closure.stand_ins)} standing in, {migrations} of migrations",
        soft_wrap=True,
    )
    console.print(
        f"  {len(facts.routes)} entries of the URL tree, {len(facts.elsewhere)} names of other"
        f" pages; {len(facts.tables)} tables; calls {_listed(c.service for c in facts.clients)}",
        soft_wrap=True,
    )
    for title, left in (
        ("left, {} files or parts of tests", closure.left),
        ("left when they were tried, {} tests", tried.left(found.folder)),
    ):
        if left:
            lines = (f"{one.path}: {one.reason}" for one in left)
            _section(console, title.format(len(left)), lines, is_brief)
    if found.notes:
        _section(console, f"notes, {len(found.notes)}", found.notes, is_brief)
    if found.blockers:
        _section(
            console, f"blockers, {len(found.blockers)}: it cannot run alone before these are gone",
            (f"{one}\n    {one.todo}" for one in found.blockers), is_brief,
        )  # fmt: skip
    if found.problems:
        _section(console, f"problems, {len(found.problems)}", found.problems, is_short=False)
    _changes(console, found)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "no other service"


def _section(console: Console, title: str, lines: Iterable[str], is_short: bool) -> None:  # noqa: FBT001
    console.print(f"\n{title}", soft_wrap=True)
    shown = list(lines)
    for line in shown[:FEW] if is_short else shown:
        console.print(f"  {line}", soft_wrap=True, markup=False)
    if is_short and len(shown) > FEW:
        console.print(f"  and {len(shown) - FEW} more")


def _changes(console: Console, found: Extraction) -> None:
    counts = found.merge.counts
    told = ", ".join(f"{counts[state]} {state}" for state in sorted(counts))
    console.print(f"\nfiles: {told}", soft_wrap=True)
    for outcome in found.merge.of(merge.CONFLICT, merge.ORPHAN):
        console.print(f"  {outcome.state}: {outcome.path}", soft_wrap=True, markup=False)
        for line in outcome.told.splitlines():
            console.print(f"    {line}", soft_wrap=True, markup=False)
    for outcome in found.merge.of(merge.MERGED):
        console.print(f"  merged: {outcome.path}", soft_wrap=True, markup=False)


def diff(found: Extraction) -> str:
    """Return what would change as a patch."""
    return "".join(_patch(outcome) for outcome in found.merge.outcomes if outcome.changes)


def _patch(outcome: Outcome) -> str:
    before, after = outcome.before or b"", outcome.after or b""
    try:
        lines = before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        return f"Binary file {outcome.path} {outcome.state}\n"
    names = (
        "/dev/null" if outcome.before is None else f"a/{outcome.path}",
        "/dev/null" if outcome.after is None else f"b/{outcome.path}",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(*lines, *names)
    )


def to_json(found: Extraction) -> dict[str, Any]:
    """Return everything as JSON-ready values."""
    return {
        "version": 1,
        "service": found.service,
        "folder": str(found.folder),
        "moved": sorted(found.closure.moved),
        "copied": sorted(found.closure.copied),
        "stand_ins": {name: sorted(names) for name, names in found.closure.stand_ins.items()},
        "left": [
            {"path": one.path, "reason": one.reason}
            for one in (*found.closure.left, *tried.left(found.folder))
        ],
        "blockers": [
            {"path": one.path, "line": one.line, "what": one.what, "todo": one.todo}
            for one in found.blockers
        ],
        "notes": list(found.notes),
        "problems": list(found.problems),
        "files": [
            {"path": one.path, "state": one.state, **({"told": one.told} if one.told else {})}
            for one in found.merge.outcomes
        ],
        "tables": dict(found.facts.tables),
    }
