"""Run the proxy: Envoy, or mitmproxy, kept in step with the policy file.

Edits of the file are live in well under a second; a broken edit is refused and told, and what was
live stays. Ctrl-C lets requests in flight finish. Exit status: 0 after a clean stop, 2 when the
proxy cannot start.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from strangler.cli._frame import add_command, print_json
from strangler.engines.envoy import EnvoyEngine, render_standalone
from strangler.engines.envoy.check import validate
from strangler.engines.supervise import Applied, Refused, Supervisor
from strangler.policy import load_policy

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from strangler.cli._frame import Subparsers
    from strangler.engines import Engine, ShadowCapture
    from strangler.engines.supervise import Event
    from strangler.policy import Policy

DRAIN_S = 10.0


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "proxy", __doc__, run)
    parser.add_argument("--engine", choices=("envoy", "mitmproxy"), default="envoy")
    parser.add_argument(
        "--drain", type=float, default=DRAIN_S, metavar="SECONDS",
        help=f"how long requests in flight may take to finish at the end ({DRAIN_S:g})",
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check", action="store_true",
        help="check the policy, with Envoy itself where that is the engine, and end",
    )  # fmt: skip
    what.add_argument(
        "--print-config", action="store_true",
        help="print the policy as one Envoy bootstrap, for a fleet, and end",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run until a signal comes."""
    if args.check:
        return _check(args)
    if args.print_config:
        print_json(render_standalone(load_policy(args.policy)))
        return 0
    supervisor = Supervisor(
        args.policy,
        lambda policy, shadow: make_engine(args.engine, policy, shadow),
        report=_print_event,
    )
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    previous = {number: signal.signal(number, ask_to_stop) for number in _STOPPING}
    try:
        supervisor.start()
        _print_start(args.engine, supervisor)
        stop.wait()
        print("stopping: requests in flight may finish", flush=True)
        supervisor.stop(drain_s=args.drain)
        print("stopped", flush=True)
    finally:
        supervisor.stop(drain_s=0)
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


_STOPPING = (signal.SIGINT, signal.SIGTERM)


def make_engine(name: str, policy: Policy, shadow: ShadowCapture) -> Engine:
    """Return the engine called `name`, not started."""
    if name == "mitmproxy":
        from strangler.engines.mitm import MitmEngine  # noqa: PLC0415 - large, and rarely chosen

        return MitmEngine(state_dir=policy.proxy.state_dir / "mitmproxy", shadow=shadow)
    return EnvoyEngine(state_dir=policy.proxy.state_dir, shadow=shadow)


def _check(args: argparse.Namespace) -> int:
    policy = load_policy(args.policy)
    if args.engine == "envoy":
        validate(policy)
    print(f"{args.policy}: {args.engine} takes this policy (revision {policy.revision})")
    return 0


def _print_start(engine: str, supervisor: Supervisor) -> None:
    policy = supervisor.policy
    print(f"{engine} listens on http://{policy.proxy.listen}")
    print(f"control API on {supervisor.control_url}")
    count = len(policy.routes)
    routes = f"{count} route{'' if count == 1 else 's'}"
    print(f"{routes} of {policy.path} (revision {policy.revision})")
    for name, upstream in policy.upstreams.items():
        instances = ", ".join(str(address) for address in upstream.instances)
        print(f"{name}: {instances or 'no instance yet; its routes are answered by the control'}")
    print("Ctrl-C stops", flush=True)


def _print_event(event: Event) -> None:
    now = time.strftime("%H:%M:%S")
    if isinstance(event, Applied):
        for change in event.changes:
            print(f"{now} {change} ({event.elapsed_ms:.0f} ms)", flush=True)
    elif isinstance(event, Refused):
        print(f"{now} refused, nothing has changed: {event.reason}", file=sys.stderr, flush=True)
    else:
        print(f"{now} the engine ended and was started again", file=sys.stderr, flush=True)
