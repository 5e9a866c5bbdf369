"""Ask the service for many rows by their keys.

`Model.objects.in_bulk(ids)` becomes a dict over the rows that one call returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "in-bulk"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each in_bulk()."""
    return planning.proposal(file, NAME)
