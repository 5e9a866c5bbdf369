"""Ask the service how many rows there are.

`Model.objects.filter(x=1).count()`, and `len()` of the same query, become
`client.count_models_by_x(x=1)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "count"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each count(), and for each len() of a query made for it alone."""
    return planning.proposal(file, NAME)
