"""The row of a run: begun, leased to one process at a time, noted after every step.

Each note is one committed transaction, so what it says is true whatever becomes of the process.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, router, transaction
from django.db.models import Q
from django.utils import timezone

from strangler.client.saga.definition import ENDED, FORWARD, Position
from strangler.client.saga.models import SagaRun

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from strangler.client.saga.definition import Data

LEASE_S = 60
BACKOFF_MAX_S = 300


class LostLeaseError(Exception):
    """Another process took the run over: this one was silent for longer than its lease."""


def begin(saga: str, key: str, data: Data) -> SagaRun:
    """Return the run that the key names; it is made when there is none."""
    try:
        with committed():
            return _runs().create(saga=saga, key=key, data=data, way=FORWARD)
    except IntegrityError:
        return _runs().get(saga=saga, key=key)


def lease(run: SagaRun) -> bool:
    """Take a run for this process; False when another has it, or it is ended. Read anew."""
    now, holder = timezone.now(), uuid.uuid4().hex
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    with committed():
        taken = (
            _runs()
            .filter(free, pk=run.pk)
            .exclude(way__in=ENDED)
            .update(leased_by=holder, leased_until=now + timedelta(seconds=LEASE_S))
        )
    run.refresh_from_db()
    return taken == 1


def note(run: SagaRun, **fields: Any) -> None:
    """Write down what is so from now on; the lease is good for a while longer.

    Raises:
        LostLeaseError: the run is not this process's any more; nothing was written.
    """
    fields["leased_until"] = timezone.now() + timedelta(seconds=LEASE_S)
    _write(run, fields)


def moved(run: SagaRun, position: Position, **fields: Any) -> None:
    """Note that a step is over, and give the run back where that was the last."""
    fields = {"way": position.way, "step": position.step, "is_begun": False, "tries": 0, **fields}
    if position.way in ENDED:
        _write(run, {**fields, "leased_by": "", "leased_until": None, "retry_at": None})
    else:
        note(run, **fields)


def put_off(run: SagaRun, error: str) -> float:
    """Give the run back, to be tried again; return in how many seconds."""
    wait_s = float(min(2**run.tries, BACKOFF_MAX_S))
    retry_at = timezone.now() + timedelta(seconds=wait_s)
    fields = {"error": error, "tries": run.tries + 1, "retry_at": retry_at}
    _write(run, {**fields, "leased_by": "", "leased_until": None})
    return wait_s


def due() -> list[SagaRun]:
    """Return the runs that nobody is at and whose time has come, oldest first."""
    now = timezone.now()
    waiting = Q(retry_at=None) | Q(retry_at__lte=now)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return list(_runs().filter(waiting, free).exclude(way__in=ENDED).order_by("begun_at"))


def committed() -> Any:
    """Return a transaction that is none within another: a note must last."""
    return transaction.atomic(using=router.db_for_write(SagaRun), durable=True)


def _write(run: SagaRun, fields: dict[str, Any]) -> None:
    mine = _runs().filter(pk=run.pk, leased_by=run.leased_by)
    if mine.update(**fields, changed_at=timezone.now()) != 1:
        raise LostLeaseError(str(run))
    for name, value in fields.items():
        setattr(run, name, value)


def _runs() -> QuerySet[SagaRun]:
    return SagaRun._default_manager.using(router.db_for_write(SagaRun))
