"""The comparator as a process of its own: `python -m strangler.shadow.serve`.

It prints one JSON line when it listens, one every half minute, one at SIGUSR1 and one at the end.
SIGTERM and SIGINT finish what waits and stop it. The targets file is read again when it changes;
a broken one is reported and the one before stays in force.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.errors import StranglerError
from strangler.shadow.capture_grpc import CaptureLimits, CaptureServer
from strangler.shadow.replay import DEFAULT_WAITING, DEFAULT_WORKERS
from strangler.shadow.service import ShadowService
from strangler.shadow.target import TargetsError, load_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.shadow.target import ShadowTarget

STATS_EVERY_S = 30.0
NICENESS = 19
LOOK_EVERY_S = 0.25


class WatchedTargets:
    """The targets of a file, looked at again at most four times a second.

    Raises:
        TargetsError: when the file cannot be used at first; later that is reported by `say`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._stat()
        self._targets = load_targets(path)
        self._looked_at = time.monotonic()
        self._lock = threading.Lock()

    def __call__(self, route: str) -> ShadowTarget | None:
        """Return the target of a route as the file says now."""
        if time.monotonic() - self._looked_at > LOOK_EVERY_S:
            with self._lock:
                self._look()
        return self._targets.get(route)

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        stamp = self._stat()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._targets = load_targets(self._path)
        except TargetsError as error:
            say("targets refused", reason=str(error))
        else:
            say("targets read", routes=sorted(self._targets))

    def _stat(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_ino, found.st_size)


def say(event: str, **fields: object) -> None:
    """Print one JSON line."""
    line = json.dumps({"event": event, "at": round(time.time(), 3), **fields})
    print(line, flush=True)


def build_parser() -> argparse.ArgumentParser:
    """Return the process's options."""
    parser = argparse.ArgumentParser(prog="strangler.shadow.serve", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--socket", type=Path, help="unix socket to listen on")
    where.add_argument("--listen", metavar="HOST:PORT", help="address to listen on; port 0: any")
    parser.add_argument("--store", type=Path, required=True, help="SQLite file of the pairs")
    parser.add_argument("--targets", type=Path, required=True, help="JSON list of targets")
    parser.add_argument("--max-body-bytes", type=int, default=CaptureLimits().max_body_bytes)
    parser.add_argument("--workers", type=int, default=DEFAULT_WORKERS)
    parser.add_argument("--waiting", type=int, default=DEFAULT_WAITING)
    return parser


def _stand_back() -> None:
    """Take the processor only when nobody else wants it; threads started later do as well.

    Linux runs SCHED_IDLE after everything else and interrupts it at once for users' requests:
    https://man7.org/linux/man-pages/man7/sched.7.html
    """
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(NICENESS)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal; return 2 when that cannot begin."""
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    _stand_back()
    signals = _Signals(signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    try:
        service = ShadowService(
            args.store,
            WatchedTargets(args.targets),
            workers=args.workers,
            waiting=args.waiting,
        )
        limits = CaptureLimits(max_body_bytes=args.max_body_bytes)
        capture = CaptureServer(service.submit, service.count, limits)
        port = capture.start(_bind(args))
    except StranglerError as error:
        print(f"strangler.shadow.serve: {error}", file=sys.stderr)
        return 2
    if args.socket:
        args.socket.chmod(0o600)
    say("listening", socket=str(args.socket) if args.socket else None, port=port)
    while not signals.wait(STATS_EVERY_S) & {signal.SIGTERM, signal.SIGINT}:
        say("stats", **service.stats(), streams=capture.open_streams)
    capture.stop()
    service.stop()
    if args.socket:
        args.socket.unlink(missing_ok=True)
    say("stopped", **service.totals)
    return 0


class _Signals:
    """Signals as bytes on a socket, so that no handler runs inside other code's locks."""

    def __init__(self, *numbers: signal.Signals) -> None:
        self._read, self._write = socket.socketpair()
        self._write.settimeout(0)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def wait(self, timeout_s: float) -> set[int]:
        """Return the numbers that have come, at the latest after `timeout_s`."""
        ready, _, _ = select.select([self._read], [], [], timeout_s)
        return set(self._read.recv(4096)) if ready else set()


def _bind(args: argparse.Namespace) -> str:
    if not args.socket:
        return str(args.listen)
    args.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return f"unix:{args.socket.resolve()}"


if __name__ == "__main__":
    sys.exit(main())
