"""Register an instance of an upstream with the running proxy.

With --keep it beats until Ctrl-C or SIGTERM and then leaves, for servers that cannot register
themselves. Without, the registration lasts for --ttl seconds.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import uuid
from typing import TYPE_CHECKING

from strangler.cli._control import add_control, control_api
from strangler.cli._frame import add_command
from strangler.client.membership import Membership
from strangler.policy import load_policy

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "register", __doc__, run)
    parser.add_argument("upstream", metavar="UPSTREAM")
    parser.add_argument("address", metavar="ADDRESS", help="host:port, as the proxy reaches it")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--keep", action="store_true", help="beat until stopped, then leave")
    how.add_argument("--ttl", type=float, metavar="S", help="seconds until it expires")
    parser.add_argument("--id", help="a name of your own for the instance")
    parser.add_argument("--version", default="", help="what strangler instances shows")
    add_control(parser)


def run(args: argparse.Namespace) -> int:
    """Register, and beat where asked to."""
    policy = None if args.control else load_policy(args.policy)
    registration = {
        "upstream": args.upstream,
        "address": args.address,
        "id": args.id or f"cli-{uuid.uuid4().hex[:12]}",
        "version": args.version,
        "host": socket.gethostname(),
        "pid": os.getpid() if args.keep else 0,
        "started_at": time.time(),
    }
    if args.ttl is not None:
        registration["ttl_s"] = args.ttl
    stop = threading.Event()
    if args.keep:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    with control_api(policy, args.control) as api:
        answer = api.register(registration)
        known_as = answer["instance"]["id"]
        if not args.keep:
            print(
                f"{args.upstream} has {args.address} for {answer['ttl_s']:g} s as {known_as}; "
                f"--keep holds it longer"
            )
            return 0
        print(f"{args.upstream} has {args.address} as {known_as} until Ctrl-C", flush=True)
        membership = Membership(api, registration, grace_s=0, serving_wait_s=0)
        membership.start()
        stop.wait()
        membership.leave()
    print(f"{known_as} has left")
    return 0
