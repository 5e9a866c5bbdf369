"""Send routes back to the monolith at once.

Shows what it would do, and does it with --execute. A retired route is not touched by --all: the
monolith may no longer have its code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.cli._change import add_change, carry_out
from strangler.cli._frame import add_command, add_json, warn
from strangler.cli._names import require_names
from strangler.cli.route import step
from strangler.errors import StranglerError
from strangler.policy import Stage, load_policy

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers
    from strangler.policy.edit import KeyPath


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "rollback", __doc__, run)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the routes to send back")
    parser.add_argument("--all", action="store_true", help="every route that has left the monolith")
    add_change(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Plan or make the way back, for all routes in one write."""
    policy = load_policy(args.policy)
    if bool(args.names) == args.all:
        raise StranglerError("name the routes to send back, or give --all; not both")
    require_names(args.names, (route.name for route in policy.routes), "route")
    routes = [route for route in policy.routes if args.all or route.name in args.names]
    if args.all and not args.force:
        retired = [route.name for route in routes if route.stage is Stage.RETIRED]
        if retired:
            warn(f"retired, so left where they are: {', '.join(retired)}")
        routes = [route for route in routes if route.stage is not Stage.RETIRED]
    changes: dict[KeyPath, object] = {}
    for route in routes:
        if route.stage is not Stage.MONOLITH:
            changes.update(step(route, Stage.MONOLITH, None, None))
    return carry_out(args, changes)
