"""Ids that a caller filters by in place of a join: all of them, or an error, never some.

    provider: return bounded("users", "find_user_ids_by_email", rows.values_list("pk", flat=True))
    caller:   Order.objects.filter(user_id__in=users_client.find_user_ids_by_email(email=email))

A join has no limit, a list of ids that travels must have one. Above SERVICE_MAX_ROWS, read at every
call where the rows are (10,000 by default), the owner refuses, and says so to the caller.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from strangler.client.failures import MisconfiguredError, TooManyIdsError

if TYPE_CHECKING:
    from django.db.models import QuerySet

VARIABLE = "SERVICE_MAX_ROWS"
MAX_ROWS = 10_000


def bounded(service: str, operation: str, found: QuerySet[Any, Any]) -> list[Any]:
    """Return all ids of a flat `values_list()`, without None, in any order.

    Raises:
        TooManyIdsError: when there are more of them than the environment allows.
        MisconfiguredError: when the environment's limit is no positive whole number.
    """
    limit = _limit(service, operation)
    ids = list(found.order_by()[: limit + 1])
    if len(ids) > limit:
        raise TooManyIdsError(
            service,
            operation,
            f"more than {limit} ids are found; narrow the conditions, have the owner keep what is "
            f"filtered by, or set {VARIABLE} higher where the owner runs",
        )
    return [each for each in ids if each is not None]


def _limit(service: str, operation: str) -> int:
    given = os.environ.get(VARIABLE) or str(MAX_ROWS)
    if not given.isdecimal() or int(given) == 0:
        raise MisconfiguredError(
            service, operation, f"{VARIABLE} must be a whole number above 0, got {given!r}"
        )
    return int(given)
