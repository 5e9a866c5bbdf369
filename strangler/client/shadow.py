"""The transport that runs both: the provider here answers, the service is asked, and compared.

call ─> in process ─> the caller, at once
           └─ snapshot ─> queue (bounded; full: dropped and counted) ─> the service over HTTP
                                                                        └─ pair ─> sink

The caller never waits for the service and never sees what becomes of it. Writes are not sent: they
would be done twice. A pair is told apart only where the values differ, by the comparator that also
compares the proxy's pairs; it does not run in a monolith (this package stands alone), so a pair
travels to it as JSON:

    STRANGLER_SHADOW_SINK    http://127.0.0.1:8090: `strangler shadow seams`
                             package.module.function: called with the pair, in the background thread

A pair is {"service", "operation", "method", "url", "arguments", "at", "trace_id", "control",
"candidate"}; each side is {"status", "body" (text), "latency_ms", "error"}.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Any

from strangler.client import faults, metrics, sinks, wire
from strangler.client.failures import CircuitOpenError, ServiceError
from strangler.client.http import Http
from strangler.client.in_process import InProcess
from strangler.client.propagation import deadline, tracing

if TYPE_CHECKING:
    from strangler.client.service import Service

WAITING, WORKERS = 100, 2
IDLE_S = 30.0
FAILED = 500
logger = logging.getLogger("strangler.client")


@dataclass(frozen=True)
class _Asked:
    """A read that the provider here has answered: its result, or what it raised."""

    operation: str
    arguments: Any
    result: Any
    error: Exception | None
    latency_ms: float
    at: float
    context: Context


class Shadow:
    """Answers in process, and has the service's answer compared in the background."""

    def __init__(self, service: Service, *, waiting: int = WAITING) -> None:
        self._service, self._waiting = service, waiting
        self._control = InProcess(service)
        self._candidate = Http(service, purpose=" (shadow)")
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._queue: Queue[_Asked | None] = Queue(waiting)
        self._workers = 0

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Return what the provider's function returns, or raise what it raises."""
        if operation in self._service.writes:
            metrics.SHADOW.add(self._service.name, operation, "write")
            return self._control.call(operation, arguments)
        sent, began_at = _snapshot(arguments), time.perf_counter()
        result, failure = None, None
        try:
            result = self._control.call(operation, arguments)
        except Exception as error:
            failure = error
            raise
        finally:
            latency_ms = (time.perf_counter() - began_at) * 1000
            self._submit(operation, sent, result, failure, latency_ms)
        return result

    def close(self) -> None:
        """Forget what waits, end the workers and close connections."""
        with self._lock:
            forgotten, self._queue, self._workers = self._queue, Queue(self._waiting), 0
        with suppress(Empty):
            while True:
                forgotten.get_nowait()
        for _ in range(WORKERS):
            with suppress(Full):
                forgotten.put_nowait(None)
        self._control.close()
        self._candidate.close()

    def _submit(
        self, operation: str, sent: Any, result: Any, error: Exception | None, latency_ms: float
    ) -> None:
        asked = _Asked(
            operation, sent, _snapshot(result), error, latency_ms, time.time(), copy_context()
        )
        try:
            if self._pid != os.getpid():  # threads and what waited stay with the parent of a fork
                self._pid, self._lock = os.getpid(), threading.Lock()
                self._queue, self._workers = Queue(self._waiting), 0
            self._queue.put_nowait(asked)
            if self._workers < WORKERS:
                self._start_worker()
        except Full:
            metrics.SHADOW.add(self._service.name, operation, "dropped")
        except RuntimeError:  # no thread can be started: the process ends
            metrics.SHADOW.add(self._service.name, operation, "failed")

    def _start_worker(self) -> None:
        with self._lock:
            if self._workers >= WORKERS:
                return
            self._workers += 1
        name = f"strangler-shadow-{self._service.name}"
        threading.Thread(target=self._work, args=(self._queue,), name=name, daemon=True).start()

    def _work(self, queue: Queue[_Asked | None]) -> None:
        while queue is self._queue:
            try:
                asked = queue.get(timeout=IDLE_S)
            except Empty:
                with self._lock:
                    if queue is not self._queue:
                        return
                    if queue.empty():
                        self._workers -= 1
                        return
            else:
                if asked is None or queue is not self._queue:
                    return
                asked.context.run(self._compare, asked)

    def _compare(self, asked: _Asked) -> None:
        deadline.clear()  # the caller's is not ours: nobody waits
        try:
            sinks.emit(self._pair(asked))
        except CircuitOpenError:
            metrics.SHADOW.add(self._service.name, asked.operation, "skipped")
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller has its answer
            metrics.SHADOW.add(self._service.name, asked.operation, "failed")
            logger.warning("%s.%s is not compared: %s", self._service.name, asked.operation, error)
        else:
            metrics.SHADOW.add(self._service.name, asked.operation, "sent")

    def _pair(self, asked: _Asked) -> dict[str, Any]:
        trace = tracing.current()
        return {
            "service": self._service.name,
            "operation": asked.operation,
            "method": "POST",
            "url": f"{self._service.setting('URL').rstrip('/')}/v1/{asked.operation}",
            "arguments": wire.loads(wire.dumps(asked.arguments)),
            "at": asked.at,
            "trace_id": trace.trace_id if trace else "",
            "control": _control(asked),
            "candidate": self._ask_candidate(asked),
        }

    def _ask_candidate(self, asked: _Asked) -> dict[str, Any]:
        began_at = time.perf_counter()
        try:
            reply = self._candidate.ask(asked.operation, asked.arguments)
        except CircuitOpenError:
            raise  # nothing was asked, so there is no pair
        except ServiceError as error:
            return _side(0, "", (time.perf_counter() - began_at) * 1000, str(error))
        body = reply.content.decode(errors="replace")
        return _side(reply.status, body, (time.perf_counter() - began_at) * 1000)


def _control(asked: _Asked) -> dict[str, Any]:
    if asked.error is None:
        return _side(200, wire.dumps(asked.result), asked.latency_ms)
    told = faults.told(asked.error)
    if told is None:
        return _side(FAILED, "", asked.latency_ms, f"{type(asked.error).__name__} was raised")
    return _side(told[0], wire.dumps(told[1]), asked.latency_ms)


def _side(status: int, body: str, latency_ms: float, error: str | None = None) -> dict[str, Any]:
    return {"status": status, "body": body, "latency_ms": round(latency_ms, 3), "error": error}


def _snapshot(found: Any) -> Any:
    """Return the same with containers of its own: the caller may change what it got."""
    if isinstance(found, (list, tuple, set, frozenset)):
        return [_snapshot(item) for item in found]
    if isinstance(found, dict):
        return {name: _snapshot(item) for name, item in found.items()}
    return found
