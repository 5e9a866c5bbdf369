"""List the routes, or change one's stage, share or shadow sampling.

Without a name: every route with its stage and share. With a name: shows what the change would do
to file and traffic, and does it with --execute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.cli._change import add_change, carry_out
from strangler.cli._frame import add_command, add_json, console, print_json, table
from strangler.cli._names import require_names
from strangler.errors import StranglerError
from strangler.policy import Stage, load_policy
from strangler.policy.effect import share_of

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers
    from strangler.policy import Policy, Route
    from strangler.policy.edit import KeyPath

ALL_PCT = 100
_ALL_TO_CANDIDATE = frozenset({Stage.EXTRACTED, Stage.RETIRED})


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "route", __doc__, run)
    parser.add_argument("name", nargs="?", help="the route to show or change")
    parser.add_argument("--stage", choices=[str(stage) for stage in Stage])
    parser.add_argument("--share", type=float, metavar="PCT", help="the candidate's share")
    parser.add_argument("--shadow-pct", type=float, metavar="PCT", help="the part compared")
    add_change(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List or change."""
    policy = load_policy(args.policy)
    if args.name:
        require_names([args.name], (route.name for route in policy.routes), "route")
    asked = (args.stage, args.share, args.shadow_pct)
    if asked == (None, None, None):
        if args.execute:
            raise StranglerError("there is nothing to do: name --stage, --share or --shadow-pct")
        _list(policy, args)
        return 0
    if not args.name:
        raise StranglerError("name the route to change; strangler route lists them")
    return carry_out(args, step(policy.route(args.name), args.stage, args.share, args.shadow_pct))


def step(
    route: Route, stage: str | None, share_pct: float | None, shadow_pct: float | None
) -> dict[KeyPath, object]:
    """Return the keys that take `route` to a stage, share and sampling; None leaves one as it is.

    What a stage does not use is kept true to it, so the file never promises a share that does not
    count.

    Raises:
        StranglerError: when a share is given without stage canary, or canary without a share.
    """
    target = Stage(stage) if stage else route.stage
    changes: dict[KeyPath, object] = {}

    def put(key: str, value: object) -> None:
        changes["routes", route.name, key] = value

    if stage:
        put("stage", stage)
    if share_pct is not None:
        if target is not Stage.CANARY:
            raise StranglerError(
                f"a share counts only in stage canary, and {route.name} is in {target}; "
                "add --stage canary"
            )
        put("share_pct", share_pct)
    elif target is Stage.CANARY:
        if route.stage is not Stage.CANARY:
            raise StranglerError("stage canary needs a share; add --share PCT, for example 1")
    elif route.share_pct:
        put("share_pct", ALL_PCT if target in _ALL_TO_CANDIDATE else 0)
    if shadow_pct is not None:
        put("shadow_pct", shadow_pct)
    elif target in _ALL_TO_CANDIDATE:
        put("shadow_pct", None)
    return changes


def describe_route(route: Route) -> dict[str, Any]:
    """Return what is told about a route in JSON."""
    return {
        "name": route.name,
        "path": route.template.source,
        "methods": list(route.methods),
        "stage": str(route.stage),
        "share_pct": share_of(route),
        "shadow_pct": route.shadow_pct,
        "control": route.control,
        "candidate": route.candidate,
        "fallback": route.fallback,
    }


def _list(policy: Policy, args: argparse.Namespace) -> None:
    routes = [route for route in policy.routes if args.name in {None, route.name}]
    if args.json:
        print_json({"revision": policy.revision, "routes": [describe_route(r) for r in routes]})
        return
    rows = [
        (
            route.name, ",".join(route.methods) or "any", route.template.source,
            str(route.stage), f"{share_of(route):.2f} %", f"{route.shadow_pct:g} %",
            f"{route.control} > {route.candidate}",
        )
        for route in routes
    ]  # fmt: skip
    headings = ("route", "methods", "path", "stage", "share", "shadow", "from > to")
    console().print(table(headings, rows) if rows else "no routes yet")
