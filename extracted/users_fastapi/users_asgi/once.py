"""Writes that arrive twice are done once: the key, the write and its answer last together.

key known ─> same content: its answer again      ─> other content: refused
key new   ─> one transaction: key, write, answer ─> the answer

Rows, digests and locks are those of the Django service, so a repetition may reach either.
https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header has the statuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from users_asgi.database import reading, writing
from users_asgi.errors import ToldError
from users_asgi.tables import IdempotencyKey

LENGTH = 200
DONE, UNDONE = "done", "undone"


@dataclass(frozen=True)
class Write:
    """A write as it arrived; another user's answer is not given."""

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


def do_once(write: Write, do: Callable[[Session], str]) -> str:
    """Return what `do` answers, or answered when the same write came before.

    Raises:
        ToldError: no usable key, one of another call, or one whose write is under way.
        Exception: whatever `do` raises; nothing was written then, and the key can be used again.
    """
    if not 0 < len(write.key) <= LENGTH or not write.key.isprintable():
        raise ToldError(
            400, "invalid_argument", f"an idempotency key has 1 to {LENGTH} printable characters"
        )
    with reading() as session:
        done = session.get(IdempotencyKey, write.key)
    return _repeated(done, write) if done else _first(write, do)


def _first(write: Write, do: Callable[[Session], str]) -> str:
    try:
        with writing() as session:
            _lock(session, write.key)
            note = _noted(session, write.key, write.digest)
            if note is not None:
                note.answer = do(session)
                return note.answer
            done = session.get_one(IdempotencyKey, write.key)
    except OperationalError as error:
        raise ToldError(409, "in_progress", "the database is busy; try again") from error
    return _repeated(done, write)


def _repeated(done: IdempotencyKey, write: Write) -> str:
    if done.digest != write.digest:
        raise ToldError(
            422, "key_reused",
            "the idempotency key was used for another call; every call needs one of its own",
        )  # fmt: skip
    return done.answer


def effect_once(session: Session, name: str, do: Callable[[], None]) -> None:
    """Do what a name stands for, once, whoever asks and by whichever key.

    Raises:
        ToldError: it was taken back.
    """
    note = _noted(session, f"effect:{name}", DONE)
    if note is not None:
        do()
        note.answer = "null"
    elif session.get_one(IdempotencyKey, f"effect:{name}").digest == UNDONE:
        raise ToldError(409, "taken_back", f"{name!r} was taken back, so it is not done any more")


def _noted(session: Session, key: str, digest: str) -> IdempotencyKey | None:
    """Note a key; None when it is known. Waits for whoever is noting it at this moment."""
    note = IdempotencyKey(key=key, digest=digest, answer="", created_at=datetime.now(UTC))
    try:
        with session.begin_nested():
            session.add(note)
    except IntegrityError:
        return None
    return note


def _lock(session: Session, key: str) -> None:
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise ToldError(409, "in_progress", "the same write is under way; come back for its answer")
