"""Ask the service for the row that a method of the manager's own gives.

`Project.objects.for_api_key(key)` becomes `ask_projects_for_api_key_with_key(key=key)`: the owner
calls the very method, with the same arguments; rows that it is given are looked up by their keys.
What it does besides, such as creating a row that is missing, it does there, so it is never asked
twice, and not in a transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "ask"


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each row that a manager's own method gives."""
    return planning.proposal(file, NAME)
