"""Shortcuts of views, for calls of operations in place of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

if TYPE_CHECKING:
    from collections.abc import Callable

Row = TypeVar("Row")


def get_or_404(operation: Callable[..., Row], /, **arguments: object) -> Row:
    """Call an operation that gives one row: `get_or_404(users_client.get_user, id=pk)`.

    Raises:
        Http404: when the row is missing, with the message of Django's `get_object_or_404`.
        MultipleObjectsReturned: when there are several, as `get_object_or_404` does.
    """
    try:
        return operation(**arguments)
    except ObjectDoesNotExist as error:
        name = type(error).__qualname__.rpartition(".")[0].rpartition(".")[2] or "row"
        raise Http404(f"No {name} matches the given query.") from error
