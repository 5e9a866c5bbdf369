"""A worker process: a minimal mitmproxy on a socket that the engine opened.

Three parts of mitmproxy's own (the loop's master, its core and its connection bookkeeping) and
the policy addon cost a third of the time of all that `mitmdump` loads. The engine speaks on
standard input, one line a message; every line is answered on standard output:

    policy {json}   -> ok            decide by this policy from now on
    stop SECONDS    -> ok            finish what is under way, then end
    (recording)     -> recorded N    now and then, unasked: N flows are in the file

When standard input ends, so has the engine, and the worker goes at once.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mitmproxy.addons.core import Core
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.master import Master
from mitmproxy.options import Options
from mitmproxy.proxy.mode_servers import ServerInstance
from pydantic import ValidationError

from strangler.engines.mitm.addon import PolicyAddon
from strangler.engines.mitm.capture import ShadowCapture
from strangler.engines.mitm.recording import Recorder
from strangler.engines.mitm.wire import policy_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mitmproxy.proxy.mode_specs import ReverseMode

    from strangler.policy import Policy

NOWHERE = "reverse:http://127.0.0.1:9"  # the addon gives every request its real destination
LARGEST_LINE_BYTES = 64 << 20
QUIET_S = 0.02

logger = logging.getLogger(__name__)


class Worker:
    """mitmproxy with the policy addon, accepting on one listening socket."""

    def __init__(
        self,
        listening: socket.socket,
        reply: Callable[[str], None],
        *,
        record: Path | None,
        shadow: Path | None,
    ) -> None:
        self._listening = listening
        self._shadow = shadow
        self._record = record
        self._reply = reply
        self._server: asyncio.Server | None = None
        self._addon: PolicyAddon | None = None

    async def run(self) -> None:
        """Obey standard input until told to stop, or until it ends."""
        master = Master(Options(), event_loop=asyncio.get_running_loop())
        proxyserver = Proxyserver()
        master.addons.add(Core(), proxyserver)
        master.options.update(
            mode=[NOWHERE], server=False, keep_host_header=True, connection_strategy="lazy"
        )
        running = asyncio.ensure_future(master.run())
        lines = await _standard_input()
        while line := await lines.readline():
            command, _, argument = line.strip().partition(b" ")
            if command == b"policy":
                await self._use(argument, master, proxyserver)
            elif command == b"stop":
                await self._drain(float(argument), proxyserver)
                break
        master.shutdown()
        await running
        self._reply("ok")

    async def _use(self, text: bytes, master: Master, proxyserver: Proxyserver) -> None:
        try:
            policy = policy_from_json(text)
        except ValidationError as error:
            self._reply("error " + " ".join(str(error).split()))
            return
        if self._addon:
            self._addon.use(policy)
        else:
            await self._listen(policy, master, proxyserver)
        self._reply("ok")

    async def _listen(self, policy: Policy, master: Master, proxyserver: Proxyserver) -> None:
        self._addon = PolicyAddon(policy, proxyserver)
        master.addons.add(self._addon)
        if self._shadow:
            master.addons.add(ShadowCapture(self._shadow))
        if self._record:
            report = self._reply
            master.addons.add(Recorder(self._record, lambda count: report(f"recorded {count}")))
        instance: ServerInstance[ReverseMode] = ServerInstance.make(NOWHERE, proxyserver)
        self._server = await asyncio.start_server(instance.handle_stream, sock=self._listening)

    async def _drain(self, drain_s: float, proxyserver: Proxyserver) -> None:
        if self._server is None or self._addon is None:
            return
        self._server.close()
        self._addon.is_draining = True
        deadline = asyncio.get_running_loop().time() + drain_s
        while asyncio.get_running_loop().time() < deadline:
            if not self._addon.under_way and not _has_unsent(proxyserver):
                break
            await asyncio.sleep(QUIET_S)
        for handler in list(proxyserver.connections.values()):
            await handler.on_timeout()
        await asyncio.sleep(QUIET_S)


def _has_unsent(proxyserver: Proxyserver) -> bool:
    writers = [
        io.writer
        for handler in proxyserver.connections.values()
        for connection, io in handler.transports.items()
        if connection is handler.client
    ]
    return any(
        isinstance(writer, asyncio.StreamWriter) and writer.transport.get_write_buffer_size()
        for writer in writers
    )


def _reply(text: str) -> None:
    sys.stdout.write(text + "\n")  # at once, since the recorder's thread speaks as well
    sys.stdout.flush()


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LARGEST_LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


def main(argv: Sequence[str] | None = None) -> int:
    """Run one worker; started by the engine, not by people."""
    parser = argparse.ArgumentParser(prog="python -m strangler.engines.mitm.worker")
    parser.add_argument("--fd", type=int, required=True, help="a listening socket, inherited")
    parser.add_argument("--record", type=Path, help="append every flow, redacted, to this file")
    parser.add_argument("--shadow", type=Path, help="the comparator's unix socket")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the engine, which drains us
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("mitmproxy").setLevel(logging.ERROR)
    listening = socket.socket(fileno=args.fd)
    listening.settimeout(0)
    asyncio.run(Worker(listening, _reply, record=args.record, shadow=args.shadow).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
