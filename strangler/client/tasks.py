"""Tasks by their pinned names: a task moves from the monolith to a service, its callers stay.

    mail_confirmation = tasks.task("orders.mail_confirmation")
    mail_confirmation.delay(order_id=7)              # or apply_async, s, delay_on_commit

caller ─> name and JSON ─> broker (Redis, RabbitMQ) ─> queue ─> whichever worker serves the queue

The owner pins the name, `@shared_task(name="orders.mail_confirmation")`, wherever its code is.
Workers of the monolith and of the service read queues of one broker; the environment says which
queue a task goes to, and so who does it:

    ORDERS_CLIENT_TASKS_QUEUE=orders                       all tasks called "orders...."
    ORDERS_CLIENT_TASKS_QUEUE_MAIL_CONFIRMATION=orders     this one

Unset, Celery's own routing holds. A task waiting in the monolith's queue is still done there, so
keep both workers until that queue is empty. Where the task is registered in this process Celery
runs it eagerly when told to (`task_always_eager`), as tests do.
https://docs.celeryq.dev/en/stable/userguide/canvas.html#signatures
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from strangler.client.failures import InvalidArgumentError, UnavailableError
from strangler.client.idempotency import keys
from strangler.client.options import VARIABLES
from strangler.client.propagation import tracing

if TYPE_CHECKING:
    from collections.abc import Mapping

BROKER_RETRIES = {"max_retries": 2, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
PLAIN = (str, int, float, bool, type(None))
_traces: dict[str, Any] = {}


@dataclass(frozen=True)
class PinnedTask:
    """A task that is known by its name only. `queue` holds where the environment names none."""

    name: str
    queue: str = ""

    def delay(self, *args: Any, **kwargs: Any) -> Any:
        """Send the task; return Celery's result.

        Raises:
            InvalidArgumentError: when an argument is not plain JSON.
            UnavailableError: when the broker does not take it.
        """
        return self.apply_async(args, kwargs)

    def apply_async(
        self, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        """Send the task with Celery's options, such as `countdown`; return Celery's result.

        Raises:
            InvalidArgumentError: when an argument is not plain JSON.
            UnavailableError: when the broker does not take it.
        """
        from kombu.exceptions import OperationalError  # noqa: PLC0415 - only where Celery is

        signature = self.s(*args, **(kwargs or {}))
        given = {"retry_policy": BROKER_RETRIES, **options}
        given.setdefault("task_id", keys.next_key("tasks", self.name))
        try:
            return signature.apply_async(**given)
        except OperationalError as error:
            raise UnavailableError(
                *self._parts, f"the broker does not take it ({error}); does it run?"
            ) from error

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Send the task once the transaction is committed, or at once where there is none.

        Raises:
            InvalidArgumentError: now, when an argument is not plain JSON.
        """
        self._check(args, kwargs)
        transaction.on_commit(lambda: self.apply_async(args, kwargs))

    def s(self, *args: Any, **kwargs: Any) -> Any:
        """Return Celery's signature, for chains, groups and links.

        Raises:
            InvalidArgumentError: when an argument is not plain JSON.
        """
        from celery import (  # type: ignore[import-untyped]  # noqa: PLC0415 - only where Celery is
            signature,
        )

        self._check(args, kwargs)
        options: dict[str, Any] = {"serializer": "json", "headers": tracing.headers()}
        queue = self._queue()
        if queue:
            options["queue"] = queue
        return signature(self.name, args=args, kwargs=kwargs, options=options)

    @property
    def _parts(self) -> tuple[str, str]:
        service, _, task_ = self.name.partition(".")
        return service, task_.replace(".", "_")

    def _queue(self) -> str:
        variable = VARIABLES["TASKS_QUEUE"]
        service, operation = self._parts
        named = os.environ.get(variable.full_name(service, operation))
        return named or os.environ.get(variable.full_name(service)) or self.queue

    def _check(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        found = [*_not_plain("", list(args)), *_not_plain("", dict(kwargs))]
        if found:
            raise InvalidArgumentError(
                *self._parts,
                f"only plain JSON travels to a task: {'; '.join(found)}; pass a row's key, and "
                "text for dates and decimals",
            )


def task(name: str, *, queue: str = "") -> PinnedTask:
    """Return the task with this name, such as "orders.mail_confirmation"."""
    return PinnedTask(name, queue)


def follow_traces() -> None:
    """Have this process's workers take up the trace that each task was sent with.

    To be called once where the Celery app is made.
    """
    from celery.signals import (  # type: ignore[import-untyped]  # noqa: PLC0415
        task_postrun,
        task_prerun,
    )

    task_prerun.connect(_begin_trace, weak=False, dispatch_uid=f"{__name__}.begin")
    task_postrun.connect(_end_trace, weak=False, dispatch_uid=f"{__name__}.end")


def _begin_trace(task_id: str = "", task: Any = None, **_kwargs: Any) -> None:
    sent = getattr(task.request, "headers", None) or {}
    names = (tracing.PARENT, tracing.STATE, tracing.REQUEST_ID)
    _traces[task_id] = tracing.begin(*(str(sent.get(name) or "") for name in names))


def _end_trace(task_id: str = "", **_kwargs: Any) -> None:
    token = _traces.pop(task_id, None)
    if token is not None:
        tracing.end(token)


def _not_plain(where: str, found: Any) -> list[str]:
    if isinstance(found, (list, tuple)):
        parts = list(enumerate(found))
    elif isinstance(found, dict):
        parts = list(found.items())
        named = [f"{where}{key!r} is no text as a key" for key in found if not isinstance(key, str)]
        if named:
            return named
    else:
        is_plain = type(found) in PLAIN
        return [] if is_plain else [f"{where.rstrip('.')} is {type(found).__name__}"]
    return [fault for key, part in parts for fault in _not_plain(f"{where}{key}.", part)]
