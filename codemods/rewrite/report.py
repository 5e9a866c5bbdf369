"""A rewrite as people read it, as JSON, and as unified diffs."""

from __future__ import annotations

import difflib
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from codemods.crossings.reader import decode
from codemods.rewrite.outcome import BATCHED, LISTED, REWRITTEN, STATES, counts, percentages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from codemods.contract.operations import Contract
    from codemods.rewrite.flow import Edit, Rewrite
    from codemods.rewrite.follow_ups import FollowUp
    from codemods.rewrite.outcome import Outcome

MAX_PLACES = 40


def show(console: Console, found: Rewrite, *, is_brief: bool = False) -> None:
    """Print what a rewrite comes to: by kind, what is left and why, what is to do, what changes."""
    table(console, found.outcomes)
    if told := reads_that_ran(found.outcomes):
        console.print(f"\n{told}")
    if not is_brief:
        listed(console, found.outcomes)
        follow_ups(console, found.follow_ups)
        severings(console, found)
        operations(console, found.contract)
    if found.edits:
        console.print("\n[bold]files[/]")
        for edit in found.edits:
            what = "new" if edit.before is None else "changed"
            console.print(f"  {what:<8} {escape(edit.path)}", soft_wrap=True, highlight=False)


def table(console: Console, found: Sequence[Outcome]) -> None:
    """Print how many crossings of each kind were rewritten, batched and listed."""
    grid = Table(box=None, pad_edge=False)
    for name in ("kind", *STATES):
        grid.add_column(name, justify="left" if name == "kind" else "right")
    for kind, by_state in counts(found).items():
        grid.add_row(kind, *(str(by_state[state] or "") for state in STATES))
    total = Counter(outcome.state for outcome in found)
    share = percentages(found)
    grid.add_row("all", *(str(total[state]) for state in STATES), style="bold")
    grid.add_row("%", *(f"{share[state]}" for state in STATES))
    console.print(grid)


def reads_that_ran(found: Iterable[Outcome]) -> str:
    """Say how many of the reads that a trace saw are rewritten; "" without a trace."""
    ran = [each for each in found if each.count and each.crossing.access == "read"]
    gone = sum(each.state != LISTED for each in ran)
    share = 100 * gone / len(ran) if ran else 0
    return f"{gone} of {len(ran)} reads that ran ({share:.1f} %) are rewritten" if ran else ""


def listed(console: Console, found: Iterable[Outcome]) -> None:
    """Print the places that are left, by reason, the most frequent reason first."""
    left = [outcome for outcome in found if outcome.state == LISTED]
    if not left:
        return
    console.print("\n[bold]listed[/]: what a person must decide")
    by_reason = sorted(left, key=_reason)
    groups = [(key, list(group)) for key, group in groupby(by_reason, key=_reason)]
    for (reason, suggestion), places in sorted(groups, key=lambda item: (-len(item[1]), item[0])):
        console.print(
            f"\n  [yellow]{escape(reason)}[/]  {len(places)}\n    [dim]do:[/] {escape(suggestion)}",
            soft_wrap=True,
            highlight=False,
        )
        for outcome in places[:MAX_PLACES]:
            c = outcome.crossing
            console.print(
                f"    {escape(c.path)}:{c.line}:{c.column}  {escape(c.expression)}"
                f"  [dim]{c.kind} {c.model}[/]",
                soft_wrap=True,
                highlight=False,
            )
        if len(places) > MAX_PLACES:
            console.print(f"    and {len(places) - MAX_PLACES} more: see --json")


def _reason(outcome: Outcome) -> tuple[str, str]:
    return (outcome.reason, outcome.suggestion)


def follow_ups(console: Console, found: Sequence[FollowUp]) -> None:
    """Print the work that no rewrite of call sites does."""
    if not found:
        return
    console.print("\n[bold]to follow up[/] once the service has tables of its own")
    for entry in found:
        console.print(
            f"  {escape(entry.place)}  [cyan]{escape(entry.what)}[/]\n    {escape(entry.todo)}",
            soft_wrap=True,
            highlight=False,
        )


def severings(console: Console, found: Rewrite) -> None:
    """Print which diverted relations can become plain id columns, and what the others need."""
    left = [one for one in found.severings if not one.is_severed]
    if not left:
        return
    console.print("\n[bold]foreign keys[/] that read through the client")
    for one in left:
        if not one.obstacles:
            todo = f"`codemods rewrite --service {found.service} --sever {one.relation} --write`"
            console.print(f"  {escape(one.relation)}  can become a plain id column: {todo}",
                          soft_wrap=True, highlight=False)  # fmt: skip
            continue
        more = len(one.obstacles) - 1
        first = one.obstacles[0] + (f", and {more} more" if more else "")
        console.print(f"  {escape(one.relation)}  [dim]needs its key: {escape(first)}[/]",
                      soft_wrap=True, highlight=False)  # fmt: skip


def operations(console: Console, contract: Contract) -> None:
    """Print the operations with how many places call each."""
    calls = Counter(consumer.operation for consumer in contract.consumers)
    if not contract.operations:
        return
    console.print(f"\n[bold]operations[/] of {contract.service}: {len(contract.operations)}")
    for operation in contract.operations:
        count = calls[operation.name]
        console.print(
            f"  {operation.name}  [dim]{count} caller{'' if count == 1 else 's'}[/]",
            soft_wrap=True,
            highlight=False,
        )


def consumers(console: Console, contract: Contract, operation: str = "") -> None:
    """Print who calls each operation, or one."""
    for name, group in groupby(contract.consumers, key=lambda consumer: consumer.operation):
        if operation in ("", name):
            console.print(f"[bold]{name}[/]", highlight=False)
            for consumer in group:
                console.print(
                    f"  {consumer.context}  {escape(consumer.path)}  {escape(consumer.function)}",
                    soft_wrap=True,
                    highlight=False,
                )


def diff(edit: Edit) -> str:
    """Return one file's unified diff; a new file is compared with /dev/null."""
    before = [] if edit.before is None else _shown(edit.path, edit.before)
    lines = difflib.unified_diff(
        before,
        _shown(edit.path, edit.after),
        "/dev/null" if edit.before is None else f"a/{edit.path}",
        f"b/{edit.path}",
    )
    return "".join(_ended(lines))


def diff_of_texts(path: str, before: str, after: str) -> str:
    """Return the unified diff of two texts of a file."""
    lines = difflib.unified_diff(_split(before), _split(after), f"a/{path}", f"b/{path}")
    return "".join(_ended(lines))


def _shown(path: str, raw: bytes) -> list[str]:
    """Return the lines of a file with the endings they have, so that a patch applies."""
    if path.endswith(".py") and b"\r" not in raw:
        return _split(decode(raw))
    return _split(raw.decode(errors="replace"))


def _split(text: str) -> list[str]:
    """Split at line feeds only, as `patch` does."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _ended(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def to_json(found: Rewrite) -> dict[str, Any]:
    """Return a rewrite as JSON-ready values."""
    calls = Counter(consumer.operation for consumer in found.contract.consumers)
    return {
        "version": 1,
        "service": found.service,
        "total": dict(Counter(outcome.state for outcome in found.outcomes)),
        "percentages": percentages(found.outcomes),
        "kinds": {
            kind: {state: by_state[state] for state in STATES}
            for kind, by_state in counts(found.outcomes).items()
        },
        "crossings": [outcome.to_json() for outcome in found.outcomes],
        "severings": [one.to_json() for one in found.severings],
        "follow_ups": [entry.to_json() for entry in found.follow_ups],
        "operations": [
            {
                "name": operation.name,
                "model": operation.model,
                "verb": operation.verb,
                "consumers": calls[operation.name],
            }
            for operation in found.contract.operations
        ],
        "consumers": [
            {
                "operation": consumer.operation,
                "context": consumer.context,
                "path": consumer.path,
                "function": consumer.function,
            }
            for consumer in found.contract.consumers
        ],
        "files": [edit.path for edit in found.edits],
        "new_files": [edit.path for edit in found.edits if edit.before is None],
        "problems": [{"path": path, "problem": problem} for path, problem in found.problems],
    }


def summary(found: Rewrite) -> str:
    """Say in one line what a rewrite comes to."""
    total = Counter(outcome.state for outcome in found.outcomes)
    return (
        f"{found.service}: {len(found.outcomes)} crossings, {total[REWRITTEN]} rewritten,"
        f" {total[BATCHED]} batched, {total[LISTED]} listed; {len(found.edits)} files"
    )
