"""Write a rewrite: refuse what git could not give back, and keep the ledger in step."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from codemods.cli.check import LEDGER
from codemods.crossings import ledger
from codemods.errors import CodemodsError
from codemods.rewrite import write
from codemods.rewrite.worktree import unsafe_to_write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from codemods.rewrite.flow import Rewrite

MAX_NAMED = 20


def recover(root: Path) -> None:
    """Complete, or drop, what an earlier run was writing, and say so."""
    recovered = write.recover(root)
    if recovered.completed:
        print(f"completed an interrupted write: {_named(recovered.completed)}", file=sys.stderr)
    if recovered.dropped:
        print(f"dropped what an interrupted run had staged: {_named(recovered.dropped)}",
              file=sys.stderr)  # fmt: skip


def _named(paths: Iterable[str]) -> str:
    shown = sorted(paths)
    more = len(shown) - MAX_NAMED
    return ", ".join(shown[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def write_all(args: argparse.Namespace, root: Path, found: Rewrite) -> None:
    """Write every file at once, the ledger too when there is one.

    Raises:
        CodemodsError: git could not give back what would be written over.
    """
    contents = {edit.path: edit.after for edit in found.edits}
    if contents and not args.force:
        _refuse_unsafe(root, contents)
    path: Path = args.ledger or root / LEDGER
    if path.is_file():
        lines = ledger.compare(ledger.load_what_can_be(path), found.crossings, found.unread)
        text = ledger.render(found.crossings, lines.unread).encode()
        if text != path.read_bytes():
            contents[relative(root, str(path.resolve()))] = text
    if not contents:
        return
    write.write_all(root, contents)
    print(f"wrote {_named(contents)}", file=sys.stderr)
    print(
        "next: run your tests, then `codemods check`; see who calls what with"
        f" `codemods rewrite --service {found.service} --consumers`",
        file=sys.stderr,
    )


def _refuse_unsafe(root: Path, contents: Mapping[str, bytes]) -> None:
    unsafe = unsafe_to_write(root, contents)
    if unsafe is None:
        raise CodemodsError(
            f"{root} is not in a git repository, so a rewrite could not be taken back. Copy it"
            " first, then pass --force."
        )
    if unsafe:
        raise CodemodsError(
            f"git could not give back what would be written over: {_named(unsafe)}. Commit or stash"
            " these first, or pass --force."
        )


def relative(root: Path, path: str) -> str:
    """Return a path as the survey names it.

    Raises:
        CodemodsError: it is not below the root.
    """
    try:
        return (root / path).resolve().relative_to(root).as_posix()
    except ValueError:
        raise CodemodsError(f"{path}: not below {root}. Name a path inside the project.") from None
