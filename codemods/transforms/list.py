"""Ask the service for the rows of a query that are read where it stands.

`for row in Model.objects.filter(x=1)`, `list(...)`, a comprehension, a slice, `[0]`: all become one
call that returns a list of values. A queryset that is passed on, or kept for others to evaluate, is
refused, and so is one whose rows are changed or handed to code that needs a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "list"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each query whose rows are read in place."""
    return planning.proposal(file, NAME)
