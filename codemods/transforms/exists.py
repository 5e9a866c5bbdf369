"""Ask the service whether there are such rows.

`Model.objects.filter(x=1).exists()` becomes `client.has_models_by_x(x=1)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "exists"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each exists()."""
    return planning.proposal(file, NAME)
