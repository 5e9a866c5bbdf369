"""Ask the service for the first or the last row of a query, or None.

The order is the query's own, or the model's, or that of the key, as in the ORM. It is refused where
what comes back is changed, saved, or handed to code that needs a row; and for earliest() and
latest(), which raise when there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "first-last"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each first() and last()."""
    return planning.proposal(file, NAME)
