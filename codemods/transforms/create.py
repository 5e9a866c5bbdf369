"""Ask the service to create one row.

`Model.objects.create(x=1)`, and that of a row's related rows, become one call that returns the
value. It is refused inside a transaction, which the call would not be a part of, and where the row
is changed or saved afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "create"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each create()."""
    return planning.proposal(file, NAME)
