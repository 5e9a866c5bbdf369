"""Check a policy file and tell every problem at once.

Exit status: 0 when it can be used, 2 with the problems when it cannot.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from strangler.cli._frame import add_command, add_json, print_json
from strangler.errors import PolicyError
from strangler.policy import load_policy

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers
    from strangler.policy import Policy


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    add_json(add_command(subparsers, "check", __doc__, run))


def run(args: argparse.Namespace) -> int:
    """Check the file."""
    try:
        policy = load_policy(args.policy)
    except PolicyError as error:
        if args.json:
            print_json({"ok": False, "problems": [asdict(problem) for problem in error.problems]})
        else:
            print(error, file=sys.stderr)
        return 2
    if args.json:
        print_json({"ok": True, "problems": [], "revision": policy.revision})
    else:
        print(f"{args.policy}: {_summary(policy)}")
    return 0


def _summary(policy: Policy) -> str:
    counted = (
        (len(policy.routes), "route"),
        (len(policy.upstreams), "upstream"),
        (len(policy.switches), "switch"),
    )
    parts = [_count(number, noun) for number, noun in counted if number or noun != "switch"]
    return f"{', '.join(parts)}, no problems (revision {policy.revision})"


def _count(number: int, noun: str) -> str:
    ending = "" if number == 1 else "es" if noun.endswith("ch") else "s"
    return f"{number} {noun}{ending}"
