"""Relations of a copied model, as text: to rows that are here too, by their owner's names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.graph import Field

PLAIN = "models.DO_NOTHING"
GUARDS = ("PROTECT", "RESTRICT")
"""What a deletion here still minds: rows that a copy knows of. The rest is their owner's to do."""


def joined(field: Field, call: ast.Call, reading: str) -> str:
    """Return a relation to a model that is here: it joins, and the database guards nothing.

    `reading` is the module that its class is taken from.
    """
    kept = [
        one for one in call.keywords if one.arg not in (None, "to", "on_delete", "db_constraint")
    ]
    is_one = field.one or any(
        one.arg == "unique" and getattr(one.value, "value", False) is True for one in kept
    )
    if is_one:
        kept = [one for one in kept if one.arg != "unique"]
    done = field.on_delete if field.on_delete in GUARDS else ""
    told = f"models.{done}" if done else PLAIN
    arguments = [repr(field.target), f"on_delete={told}", "db_constraint=False"]
    arguments += [f"{one.arg}={ast.unparse(one.value)}" for one in kept]
    kind = "OneToOneField" if is_one else "ForeignKey"
    return f"{reading}.{kind}({', '.join(arguments)})"


def linked(field: Field, call: ast.Call) -> str:
    """Return a relation to many rows that are here, through the owner's table of links."""
    kept = [one for one in call.keywords if one.arg not in (None, "to", "through")]
    arguments = [repr(field.target)]
    arguments += [] if field.through_auto else [f"through={field.through!r}"]
    arguments += [f"{one.arg}={ast.unparse(one.value)}" for one in kept]
    return f"models.ManyToManyField({', '.join(arguments)})"
