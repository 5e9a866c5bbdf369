"""The errors of codemods, all under one root that commands turn into exit status 2.

CodemodsError
├── ProbeError     the monolith could not be started or read
├── ContextsError  a contexts file that cannot be used; carries every problem at once
└── LedgerError    a ledger that cannot be read
"""

from __future__ import annotations


class CodemodsError(Exception):
    """A condition the user can act on; the message names the thing, the value and the next step."""


class ProbeError(CodemodsError):
    """The monolith's models could not be read under its interpreter and settings."""


class ContextsError(CodemodsError):
    """A contexts file that cannot be used. `problems` holds every problem found in it."""

    def __init__(self, path: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        count = len(problems)
        head = f"{path}: {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in problems)]))


class LedgerError(CodemodsError):
    """A ledger that is missing, or has a line that is not a crossing."""
