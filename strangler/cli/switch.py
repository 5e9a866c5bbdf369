"""Move users between two versions of one service: list the switches, set a share, or swap.

With --share PCT the next version takes that part of the service's users. With --swap the next
version becomes the current one, in one write with its share going back to 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.cli._change import add_change, carry_out
from strangler.cli._frame import add_command, add_json, console, print_json, table
from strangler.cli._names import require_names
from strangler.errors import StranglerError
from strangler.policy import load_policy

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers
    from strangler.policy import Policy
    from strangler.policy.edit import KeyPath

ALL_PCT = 100


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "switch", __doc__, run)
    parser.add_argument("name", nargs="?", help="the switch to change")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--share", type=float, metavar="PCT", help="the next version's share")
    how.add_argument("--swap", action="store_true", help="make the next version the current one")
    add_change(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List or change."""
    policy = load_policy(args.policy)
    if args.name:
        require_names([args.name], policy.switches, "switch")
    if args.share is None and not args.swap:
        if args.execute:
            raise StranglerError("there is nothing to do: name --share PCT or --swap")
        _list(policy, args)
        return 0
    if not args.name:
        raise StranglerError("name the switch to change; strangler switch lists them")
    if not args.swap:
        return carry_out(args, {("switches", args.name, "share_pct"): args.share})
    switch = policy.switches[args.name]
    missing_pct = ALL_PCT - switch.share_pct
    refusal = (
        f"{switch.next} has {switch.share_pct:g} % of the users, so {missing_pct:g} % would move "
        f"at once; take --share to 100 first"
    )
    keys = {"current": switch.next, "next": switch.current, "share_pct": 0}
    changes: dict[KeyPath, object] = {
        ("switches", args.name, key): value for key, value in keys.items()
    }
    return carry_out(args, changes, refusal=refusal if missing_pct else "")


def _list(policy: Policy, args: argparse.Namespace) -> None:
    switches = [s for s in policy.switches.values() if args.name in {None, s.name}]
    routes = {s.name: [r.name for r in policy.routes if r.candidate == s.name] for s in switches}
    if args.json:
        rows = [
            {
                "name": s.name, "current": s.current, "next": s.next, "share_pct": s.share_pct,
                "routes": routes[s.name],
            }
            for s in switches
        ]  # fmt: skip
        print_json({"revision": policy.revision, "switches": rows})
        return
    told = [
        (s.name, s.current, s.next, f"{s.share_pct:g} %", ", ".join(routes[s.name]))
        for s in switches
    ]
    headings = ("switch", "current", "next", "share of next", "routes")
    console().print(table(headings, told) if told else "no switches")
