"""What a service does on behalf of another's work, once for its key, and takes back once.

    def stock_take(*, key, quantities):
        effects.once(f"stock-{key}", lambda: take(quantities))

    def stock_put_back(*, key):
        effects.take_back(f"stock-{key}", put_back)

once      ─> not known: done and noted in one transaction     ─> known: its answer again
take_back ─> known: undone and noted in one transaction       ─> not known: noted, so that it is
                                                                 never done from now on

A step that was given up may still be on its way, so what is taken back before it arrives is
refused when it does. Unlike the keys of calls (`keys`), these are the work's own names: they hold
over HTTP, in process and in a plain function call alike. The notes are rows of `IdempotencyKey` in
the database that the router names for it; `clear_idempotency_keys` keeps them for 30 days.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, router, transaction

from strangler.client.failures import TakenBackError
from strangler.client.idempotency import once as kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from strangler.client.idempotency.models import IdempotencyKey

__all__ = ["TakenBackError", "once", "take_back"]

PREFIX = "effect:"
KEPT_H = 30 * 24.0
_DONE, _UNDONE = "done", "undone"


def once(key: str, do: Callable[[], Any]) -> Any:
    """Do what a key names, once; return its answer as JSON has it, then and ever after.

    Raises:
        TakenBackError: it was taken back.
        ImproperlyConfigured: the app that keeps notes is not installed.
        Exception: whatever `do` raises; nothing is noted then, and it may be tried again.
    """
    notes, alias = _notes()
    with transaction.atomic(using=alias):
        if _noted(notes, alias, key, _DONE):
            answer = json.dumps(do())
            notes.filter(pk=PREFIX + key).update(answer=answer)
            return json.loads(answer)
        done = notes.get(pk=PREFIX + key)
    if done.digest == _UNDONE:
        raise TakenBackError(f"{key!r} was taken back, so it is not done any more")
    return json.loads(done.answer)


def take_back(key: str, undo: Callable[[Any], object]) -> None:
    """Undo what a key names, once.

    `undo` gets the answer of then. It gets None where nothing is known to have been done, for what
    may have happened outside of the database all the same.

    Raises:
        ImproperlyConfigured: the app that keeps notes is not installed.
        Exception: whatever `undo` raises; nothing is noted then, and it may be tried again.
    """
    notes, alias = _notes()
    with transaction.atomic(using=alias):
        if _noted(notes, alias, key, _UNDONE):
            undo(None)
            return
        done = notes.select_for_update().get(pk=PREFIX + key)
        if done.digest == _DONE:
            undo(json.loads(done.answer))
            notes.filter(pk=PREFIX + key).update(digest=_UNDONE)


def _noted(notes: QuerySet[IdempotencyKey], alias: str, key: str, what: str) -> bool:
    """Note a key; False when it is known. Waits for whoever is noting it at this moment."""
    try:
        with transaction.atomic(using=alias):
            notes.create(key=PREFIX + key, digest=what)
    except IntegrityError:
        return False
    return True


def _notes() -> tuple[QuerySet[IdempotencyKey], str]:
    if not kept.is_kept():
        raise ImproperlyConfigured(
            f"what is done for others is noted by {kept.APP!r}: add it to INSTALLED_APPS, and run "
            "`manage.py migrate`"
        )
    from strangler.client.idempotency.models import IdempotencyKey  # noqa: PLC0415 - needs apps

    alias = router.db_for_write(IdempotencyKey)
    return IdempotencyKey._default_manager.using(alias), alias
