"""Searches of an admin in columns that a service owns: by ids that the client is asked for.

    search_fields = ("number", asked("user", users_client.find_user_ids_by_email_icontains))

Each word that is searched for is asked of the client when Django builds the query, and the rows are
those whose column holds one of the ids: just those that a join with the other table would find.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from django.db.models import Field, ForeignObject, Lookup

if TYPE_CHECKING:
    from collections.abc import Callable

_known: dict[str, Callable[..., list[Any]]] = {}


def asked(path: str, find: Callable[..., list[Any]]) -> str:
    """Return the lookup that finds rows whose relation at `path` is among the ids `find` gives.

    Args:
        path: a relation to the service's rows, or a path to one such as "order__user".
        find: an operation of the client that gives ids, with one argument: what is searched for.

    Raises:
        TypeError: `find` does not take exactly one argument.
        ValueError: another operation is known by the same name.
    """
    parameters = list(inspect.signature(find).parameters)
    if len(parameters) != 1:
        raise TypeError(f"{find.__qualname__} takes {len(parameters)} arguments: it must take one")
    package = find.__module__.rpartition(".")[0].rpartition(".")[2]
    name = f"{package}_{find.__name__}".strip("_").replace("__", "_")
    if _known.setdefault(name, find) is not find:
        raise ValueError(f"{find.__module__}.{find.__qualname__}: {name} is another operation")
    lookup = _lookup(name, find, parameters[0])
    for kind in (Field, ForeignObject):  # a relation has no lookups of plain fields
        kind.register_lookup(lookup)
    return f"{path}__{name}"


def _lookup(name: str, find: Callable[..., list[Any]], argument: str) -> type[Lookup[Any]]:
    class Asked(Lookup):
        lookup_name = name

        def get_prep_lookup(self) -> list[Any]:
            return find(**{argument: self.rhs})

        def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002  Django's
            among = self.lhs.output_field.get_lookup("in")
            return compiler.compile(among(self.lhs, self.rhs))

    return Asked
