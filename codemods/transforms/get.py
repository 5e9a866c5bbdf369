"""Ask the service for the one row that a key or lookups find.

`Model.objects.get(pk=x)` becomes `client.get_model(id=x)`; a row that is missing, or not the only
one, raises the value's own DoesNotExist or MultipleObjectsReturned. `get_object_or_404` keeps its
404. `order.payment`, where the service's payment has the relation, is such a query too.

It is refused where what comes back is changed, saved, or handed to code that needs a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "get"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each query of exactly one row."""
    return planning.proposal(file, NAME)
