"""Do a saga's steps one after the other, noting each before and after; go back where one fails.

noted: next step ─> begun, noted ─> done ─> result and next step, noted ─> ...
    fails for good   ─> before the pivot: back, undoing; after it: tried again later
    no answer        ─> the same, for a step that may have been done is undone too
    process dies     ─> the step is called again, with the keys of before
"""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING

from strangler.client.idempotency import keys
from strangler.client.saga import notes
from strangler.client.saga.definition import BACK, ENDED, FORWARD, UNDONE, Position, saga_of
from strangler.client.saga.failures import SagaBusyError, SagaUndoneError

if TYPE_CHECKING:
    from strangler.client.saga.definition import Data, Saga, Step
    from strangler.client.saga.models import SagaRun

logger = logging.getLogger("strangler.saga")


def run(saga: Saga, *, key: str, data: Data) -> Data:
    """Do the work that a key names, once; see `Saga.run`."""
    row = notes.begin(saga.name, key, data)
    if notes.lease(row):
        return _driven(saga, row)
    if row.way not in ENDED:
        raise SagaBusyError(saga.name, key, "another process is at it", _certain(saga, row))
    return _ended(row)


def resume() -> dict[str, int]:
    """Go on with every run whose time has come; return how many ended done, undone, or not."""
    counts = {"done": 0, "undone": 0, "put off": 0}
    for row in notes.due():
        if not notes.lease(row):
            continue
        try:
            _driven(saga_of(row.saga), row)
            counts["done"] += 1
        except SagaUndoneError:
            counts["undone"] += 1
        except (SagaBusyError, LookupError) as error:
            logger.warning("%s", error)
            counts["put off"] += 1
    return counts


def _driven(saga: Saga, row: SagaRun) -> Data:
    """Take a leased run to its end, or as far as it goes now."""
    cause: Exception | None = None
    while row.way not in ENDED:
        position = Position(row.way, row.step)
        try:
            _one_step(saga, row, position)
        except notes.LostLeaseError as lost:
            raise SagaBusyError(row.saga, row.key, "another process took it over") from lost
        except Exception as error:  # whatever a step raises, the run goes on or back
            back = saga.after_failure(position)
            told = f"{saga.steps[position.step].name}: {type(error).__name__}: {error}"
            if back == position:
                raise _put_off(saga, row, told, error) from error
            logger.info("%s turns back at %s", row, told)
            cause = error
            notes.moved(row, back, error=told)
    return _ended(row, cause)


def _one_step(saga: Saga, row: SagaRun, position: Position) -> None:
    step = saga.steps[position.step]
    data = copy.deepcopy(row.data)
    name = f"saga-{row.pk}-{step.name}-{position.way}"
    following = saga.after(position)
    if step.is_local:
        with notes.committed(), keys.repeatable(name):
            added = _called(step, position, data)
            notes.moved(row, following, data={**row.data, **added})
        return
    notes.note(row, is_begun=True)
    with keys.repeatable(name):
        added = _called(step, position, data)
    notes.moved(row, following, data={**row.data, **added})


def _called(step: Step, position: Position, data: Data) -> Data:
    if position.way == FORWARD:
        return step.do(data) or {}
    if position.way == BACK and step.undo is not None:
        step.undo(data)
    return {}


def _certain(saga: Saga, row: SagaRun) -> Data | None:
    """Return what is known of a run that can only end done."""
    data: Data = row.data
    return data if row.way == FORWARD and saga.is_past_pivot(row.step) else None


def _put_off(saga: Saga, row: SagaRun, told: str, error: Exception) -> SagaBusyError:
    wait_s = notes.put_off(row, told)
    logger.error("%s cannot go on, tried again in %.0f s: %s", row, wait_s, told, exc_info=error)
    why = f"{told}; it is tried again"
    return SagaBusyError(row.saga, row.key, why, _certain(saga, row))


def _ended(row: SagaRun, cause: Exception | None = None) -> Data:
    if row.way == UNDONE:
        raise SagaUndoneError(row.saga, row.key, row.error) from cause
    result: Data = row.data
    return result
