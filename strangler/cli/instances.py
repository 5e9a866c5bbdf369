"""List the instances that have joined the running proxy by themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from strangler.cli._control import add_control, control_api
from strangler.cli._frame import add_command, add_json, console, print_json, table
from strangler.policy import load_policy

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "instances", __doc__, run)
    add_control(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List them."""
    policy = None if args.control else load_policy(args.policy)
    with control_api(policy, args.control) as api:
        found = api.instances()
    if args.json:
        print_json({"instances": found})
        return 0
    rows = [_row(instance) for instance in found]
    headings = ("upstream", "address", "id", "version", "host", "pid", "up", "expires in")
    console().print(table(headings, rows) if rows else "no instance has joined")
    return 0


def _row(instance: dict[str, Any]) -> tuple[str, ...]:
    started_at = instance["started_at"]
    return (
        instance["upstream"],
        instance["address"],
        instance["id"],
        instance["version"] or "-",
        instance["host"] or "-",
        str(instance["pid"] or "-"),
        f"{time.time() - started_at:.0f} s" if started_at else "-",
        f"{instance['expires_in_s']:.1f} s",
    )
