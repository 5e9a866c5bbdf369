"""Catch the client's DoesNotExist and MultipleObjectsReturned where a call may raise them.

`except Model.DoesNotExist` becomes `except client.Model.DoesNotExist` when the `try` block holds a
query that is rewritten, and only together with it. Both classes are one where the model is
installed, so what is left of the ORM in the block is caught as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "does-not-exist"


def propose(file: SourceFile) -> Proposal:
    """Propose the client's class in each handler around a query that is rewritten."""
    return planning.proposal(file, NAME)
