"""Operations that write slowly, die on the way, and tell what came along with a call."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict

from django.core.exceptions import PermissionDenied
from django.db import transaction
from strangler.client.propagation import deadline, identity, tracing
from tests.client.ledgersite.ledger import operations
from tests.client.ledgersite.ledger.models import Entry

READS = ("count", "context", "forward", "slow_context")
WRITES = ("add", "refuse")


def count(word: str) -> int:
    """Tell how often a word was written."""
    return Entry.objects.filter(word=word).count()


def context() -> Dict[str, Any]:
    """Tell what came along."""
    trace = tracing.current()
    return {
        "user": identity.current(),
        "left_s": deadline.left_s(),
        "trace_id": trace.trace_id if trace else "",
        "request_id": trace.request_id if trace else "",
        "pid": os.getpid(),
    }


def slow_context(seconds: float) -> Dict[str, Any]:
    """Take time, then tell."""
    time.sleep(seconds)
    return context()


def forward(seconds: float) -> Dict[str, Any]:
    """Take time, then ask the next service what came along to it."""
    time.sleep(seconds)
    return operations.context()


def add(word: str, wait_s: float = 0.0, fatal: str = "") -> int:
    """Write a word. `fatal` names a file: whoever removes it dies, after the commit."""
    entry = Entry.objects.create(word=word)
    time.sleep(wait_s)
    if fatal:
        transaction.on_commit(lambda: _die(fatal))
    return entry.pk


def refuse(word: str) -> int:
    """Write a word, and fail."""
    with transaction.atomic():
        Entry.objects.create(word=word)
        raise PermissionDenied("not yours")


def _die(marker: str) -> None:
    with suppress(FileNotFoundError):
        Path(marker).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
