"""Ask a person about each change, with the lines it changes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from codemods.errors import CodemodsError
from codemods.rewrite.apply import apply
from codemods.rewrite.report import diff_of_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.rewrite.plan import Candidate
    from codemods.transforms.change import Change

QUESTION = "make this change? [y]es, [n]o, [a]ll that follow, [q]uit without writing: "
ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


@dataclass
class Chooser:
    """Answers for a plan; the same change is asked about once."""

    source: TextIO = sys.stdin
    out: TextIO = sys.stderr
    takes_all: bool = False
    _answers: dict[tuple[object, ...], bool] = field(default_factory=dict)

    def choose(self, candidate: Candidate, changes: Sequence[Change]) -> bool:
        """Show one change, or those that go together, and return the answer.

        Raises:
            CodemodsError: the answer is to quit, or there is nobody to answer.
        """
        file = candidate.file
        key = (file.path, *((file.span(c.node), c.transform) for c in changes))
        if key not in self._answers:
            self._answers[key] = self.takes_all or self._ask(candidate, changes)
        return self._answers[key]

    def _ask(self, candidate: Candidate, changes: Sequence[Change]) -> bool:
        file = candidate.file
        made = apply(file, changes, module_name=candidate.module_name)
        self.out.write(f"\n{changes[0].transform}: {file.path}:{file.span(changes[0].node)[0]}\n")
        self.out.write(diff_of_texts(file.path, file.text, made.text))
        while True:
            self.out.write(QUESTION)
            self.out.flush()
            line = self.source.readline()
            word = line.strip().lower()
            if not line or word in ("q", "quit"):
                raise CodemodsError("stopped: nothing was changed. Run again to choose anew.")
            if word in ("a", "all"):
                self.takes_all = True
                return True
            if word in ANSWERS:
                return ANSWERS[word]
            self.out.write(f"{word!r}: answer y, n, a or q.\n")
