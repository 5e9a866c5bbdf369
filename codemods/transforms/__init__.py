"""Rewrites of direct ORM code into calls of the service's client: one file per transform.

A transform is a module here with `ORDER`, an int, and `propose(file: SourceFile) -> Proposal`; the
first line of its docstring says what it does. It reads the tree and the types and changes
nothing; `rewrite.apply` makes the changes of all transforms at once, innermost first, so a
`make` works on a node whose inside may already be rewritten. Modules without `propose` hold what
several transforms know. Those that rewrite queries share one plan of each file:

    sites (chains, folding, peers ─> shapes ─> conditions ─> handing)     which queries there are
      ─> planning (reads, listing, writing, finding ─> uses, calls; handlers)

A row may be set and saved, linked or deleted afterwards, each by a call of its own:

    own_rows (whose row it is) ─> row_runs (save_row), row_writes (link_rows, delete_row) ─> columns

A call of a function of the service is one of the client instead: `call`.

A relation that only ids need is severed on request, once all this is done:

    sever_uses (who walks it) ─> sever (its declaration), sever_admin, sever_migration; sever_many
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from codemods.transforms.change import Proposal
    from codemods.transforms.source import SourceFile


class Transform(Protocol):
    """What a module of this package offers when it is a transform."""

    __name__: str
    __doc__: str
    ORDER: int

    def propose(self, file: SourceFile) -> Proposal:
        """Say what of a file would change, and what is refused."""
        ...


def transforms() -> dict[str, Transform]:
    """Return every transform by name, in the order that breaks ties between changes."""
    found: dict[str, Transform] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "propose"):
            found[info.name.replace("_", "-")] = cast("Transform", module)
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))
