"""The errors of Strangler, all under one root that commands turn into exit status 2.

StranglerError
├── PolicyError      a policy file that cannot be used; carries every problem at once
├── EngineError      a data plane that cannot be found, started or kept
├── RegistryError    a registration that was refused
└── StoreError       a comparison store that cannot be read or written
"""

from __future__ import annotations

from dataclasses import dataclass


class StranglerError(Exception):
    """A condition the user can act on; the message names the thing, the value and the next step."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file.

    `line` counts from 1; 0 means the file as a whole. `hint` says what is allowed or what to do.
    """

    path: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}" + (f"\n    {self.hint}" if self.hint else "")


class PolicyError(StranglerError):
    """A policy file that cannot be used. `problems` holds every problem, in file order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.path, problem.line)))
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the policy"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class EngineError(StranglerError):
    """A data plane that cannot be found, started, configured or kept running."""


class RegistryError(StranglerError):
    """A registration that was refused, or a registry that cannot be reached."""


class StoreError(StranglerError):
    """A comparison store that is missing, unreadable or from another version."""
