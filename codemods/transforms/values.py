"""Ask the service for columns of its rows.

`values()` gives dicts, `values_list()` tuples, or bare values with `flat=True`, as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "values"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each values() and values_list() that is read in place."""
    return planning.proposal(file, NAME)
