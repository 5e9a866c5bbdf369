"""Record real traffic through the proxy, redacted before anything touches the disk.

Runs the policy on mitmproxy and writes a flow file as traffic comes, and a HAR file at the end.
Credentials, cookies, passwords, tokens, email addresses and card numbers are replaced by
placeholders. Ctrl-C ends it, exit status 0. Look into the files with `strangler inspect`.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from strangler.cli._frame import add_command
from strangler.engines.mitm import MitmEngine
from strangler.engines.mitm.recording import write_har
from strangler.engines.supervise import Refused, Supervisor
from strangler.errors import EngineError
from strangler.policy import parse_policy

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from types import FrameType

    from strangler.cli._frame import Subparsers
    from strangler.engines.supervise import Event

DRAIN_S = 10.0
TELL_EVERY_S = 1.0
DEFAULT_OUT = Path("var/recordings")
STOPPING = (signal.SIGINT, signal.SIGTERM)


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "record", __doc__, run)
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, metavar="DIR",
        help=f"where the recording goes ({DEFAULT_OUT})",
    )  # fmt: skip
    parser.add_argument(
        "--har", type=Path, metavar="FILE", help="the HAR file (beside the flow file)"
    )
    parser.add_argument(
        "--upstream", metavar="URL",
        help="record traffic to this one place instead of a policy's, such as http://127.0.0.1:8000",
    )  # fmt: skip
    parser.add_argument(
        "--listen", default="127.0.0.1:8080", metavar="HOST:PORT",
        help="where to listen with --upstream (127.0.0.1:8080); else the policy says",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Record until a signal comes."""
    flows, har = _files(args)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    previous = {number: signal.signal(number, ask_to_stop) for number in STOPPING}
    try:
        count = _record(args, flows, stop)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if not count:
        flows.unlink(missing_ok=True)
        print("nothing was recorded")
        return 0
    entries = write_har(flows, har)
    print(f"{count} flows in {flows}")
    print(f"{entries} entries in {har}")
    print(f"look into them: strangler inspect {flows}", flush=True)
    return 0


def _files(args: argparse.Namespace) -> tuple[Path, Path]:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    har: Path = args.har or args.out / f"{stamp}.har"
    try:
        for folder in (args.out, har.parent):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"cannot write to {error.filename}: {error.strerror}") from None
    return args.out / f"{stamp}.flows", har


def _record(args: argparse.Namespace, flows: Path, stop: threading.Event) -> int:
    """Run the engine until `stop` and return the number of flows recorded."""
    engine = MitmEngine(state_dir=args.out / ".mitmproxy", record=flows)
    finish: Callable[..., None] = engine.stop
    if args.upstream:
        policy = parse_policy(_one_upstream(args.upstream, args.listen))
        engine.start(policy)
    else:
        supervisor = Supervisor(args.policy, lambda _policy, _shadow: engine, report=_print_event)
        supervisor.start()
        finish, policy = supervisor.stop, supervisor.policy
    print(f"recording http://{policy.proxy.listen} into {flows}; Ctrl-C ends it", flush=True)
    try:
        _tell_until(stop, engine)
    finally:
        finish(drain_s=DRAIN_S)
    return engine.recorded


def _one_upstream(url: str, listen: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.path not in {"", "/"}:
        raise EngineError(f"--upstream is {url!r}; write http://HOST:PORT")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return (
        f'[proxy]\nlisten = "{listen}"\ncontrol = "127.0.0.1:1"\n'
        f'[upstreams.monolith]\ninstances = ["{host}:{parts.port or 80}"]\n'
    )


def _tell_until(stop: threading.Event, engine: MitmEngine) -> None:
    told = -1
    ending = "\r" if sys.stdout.isatty() else "\n"
    while not stop.wait(TELL_EVERY_S):
        if not engine.is_alive():
            raise EngineError("mitmproxy ended by itself; what was recorded is kept")
        if engine.recorded != told:
            told = engine.recorded
            print(f"{told} flows", end=ending, flush=True)


def _print_event(event: Event) -> None:
    if isinstance(event, Refused):
        print(f"refused, nothing has changed: {event.reason}", file=sys.stderr, flush=True)
