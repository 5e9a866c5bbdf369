"""Ask the service to change columns of the one row with a given key.

`Model.objects.filter(pk=key).update(x=1)` becomes one call that returns how many rows there were.
It is refused inside a transaction, for any other selection, and for values computed by F().
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "update-one"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each update() by key."""
    return planning.proposal(file, NAME)
