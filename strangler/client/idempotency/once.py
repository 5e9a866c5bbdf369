"""Do a write once for its key: the key, the write and its answer become lasting together.

key known? ─> same content: its answer again      ─> other content: refused
key new    ─> one transaction: key, write, answer ─> the answer
           ─> the write fails, or the process dies: nothing stays, the key least of all

Two that arrive together: on PostgreSQL the second is told to come back (an advisory lock that
ends with the transaction), elsewhere it waits where it inserts the key, as long as the database
lets it. The table is in the database that the router names for it, and only what is written to
that one is covered.
https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header has the statuses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, connections, router, transaction

from strangler.client.idempotency.keys import IN_PROGRESS, LENGTH, NOT_REPEATED, REUSED

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "strangler.client.idempotency"


class RefusedKeyError(Exception):
    """A key that cannot be used; the message says why, `status` and `code` what to answer."""

    status, code = 400, "invalid_argument"


class KeyReusedError(RefusedKeyError):
    """The key was used for something else."""

    status, code = 422, REUSED


class NotRepeatedError(RefusedKeyError):
    """A write that may have been done, where no keys are kept."""

    status, code = 409, NOT_REPEATED


class KeyInProgressError(RefusedKeyError):
    """The same write is under way, or the database is too busy to tell."""

    status, code = 409, IN_PROGRESS


@dataclass(frozen=True)
class Write:
    """A write as it arrived. `user_id` is who acts; another user's answer is not given."""

    key: str
    operation: str
    content: bytes
    user_id: str

    @property
    def digest(self) -> str:
        """What two writes share when they are the same."""
        parts = (self.operation.encode(), self.user_id.encode(), self.content)
        framed = b"".join(str(len(part)).encode() + b":" + part for part in parts)
        return hashlib.sha256(framed).hexdigest()


def is_kept() -> bool:
    """Tell whether keys are kept here."""
    return apps.is_installed(APP)


def do_once(write: Write, do: Callable[[], str]) -> str:
    """Return what `do` answers, or answered when the same write came before.

    Raises:
        KeyReusedError: the key came with other content before.
        KeyInProgressError: the same write is under way.
        RefusedKeyError: it is no usable key.
        Exception: whatever `do` raises; nothing was written then, and the key can be used again.
    """
    if not 0 < len(write.key) <= LENGTH or not write.key.isprintable():
        raise RefusedKeyError(f"an idempotency key has 1 to {LENGTH} printable characters")
    model = _model()
    alias = router.db_for_write(model)
    keys = model._default_manager.using(alias)
    done = keys.filter(pk=write.key).first()
    if done is None:
        try:
            with transaction.atomic(using=alias):
                if _claim(keys, alias, write):
                    answer = do()
                    keys.filter(pk=write.key).update(answer=answer)
                    return answer
        except _Busy as busy:
            raise KeyInProgressError("the database is busy; try again") from busy.__cause__
        done = keys.filter(pk=write.key).first()
        if done is None:
            raise KeyInProgressError("the same write was under way and is not done; try again")
    if done.digest != write.digest:
        raise KeyReusedError(
            "the idempotency key was used for another call; every call needs one of its own"
        )
    return str(done.answer)


def _claim(keys: Any, alias: str, write: Write) -> bool:
    """Insert the key; False when somebody else's is there by now.

    Raises:
        KeyInProgressError: when somebody is at it.
        _Busy: when the database is.
    """
    _lock(alias, write.key)
    try:
        with transaction.atomic(using=alias):
            keys.create(key=write.key, digest=write.digest)
    except IntegrityError:
        return False
    except OperationalError as error:
        raise _Busy from error
    return True


def _lock(alias: str, key: str) -> None:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise KeyInProgressError("the same write is under way; come back for its answer")


class _Busy(Exception):  # noqa: N818 - caught where it is raised
    pass


def _model() -> Any:
    from strangler.client.idempotency.models import IdempotencyKey  # noqa: PLC0415 - needs apps

    return IdempotencyKey
