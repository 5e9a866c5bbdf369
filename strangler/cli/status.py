"""Show how far every route is, whether its service is up, and the next safe command.

Reads the policy file; what is live is asked of the running proxy, and it is said when none runs.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.live import Live
from rich.text import Text

from strangler.cli._control import add_control, live_status
from strangler.cli._frame import add_command, add_json, console, print_json, table
from strangler.cli._outlook import Outlook, next_step
from strangler.cli._shadow import shadow_counts
from strangler.policy import load_policy
from strangler.policy.effect import share_of

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers
    from strangler.policy import Policy, Route

WATCH_S = 1.0
HEADINGS = ("route", "stage", "share", "instances", "compared", "mismatch", "next safe command")


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "status", __doc__, run)
    parser.add_argument("-w", "--watch", action="store_true", help="refresh until Ctrl-C")
    add_control(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the status, once or again and again."""
    if not args.watch:
        content = collect(load_policy(args.policy), args.control)
        if args.json:
            print_json(content)
        else:
            console().print(_render(content))
        return 0
    if args.json or not sys.stdout.isatty():
        while True:
            content = collect(load_policy(args.policy), args.control)
            print(json.dumps(content) if args.json else _plain(content), flush=True)
            time.sleep(WATCH_S)
    with Live(console=console(), auto_refresh=False, screen=False) as live:
        while True:
            live.update(_render(collect(load_policy(args.policy), args.control)), refresh=True)
            time.sleep(WATCH_S)


def collect(policy: Policy, control: str | None = None) -> dict[str, Any]:
    """Return everything that is known, as the JSON output has it."""
    live, reason = live_status(policy, control)
    counts, shadow_reason = shadow_counts(policy)
    rows = []
    for route in policy.routes:
        instances = _instances(policy, route, live)
        compared, mismatched = counts.get(route.name, (0, 0))
        command, blockers = next_step(Outlook(route, instances, compared, mismatched))
        rows.append(
            {
                "route": route.name,
                "stage": str(route.stage),
                "share_pct": share_of(route),
                "candidate": route.candidate,
                "instances": instances,
                "compared": compared,
                "mismatch_pct": 100 * mismatched / compared if compared else None,
                "blockers": list(blockers),
                "next": command,
            }
        )
    return {
        "revision": policy.revision,
        "proxy": live,
        "proxy_reason": reason,
        "shadow_reason": shadow_reason,
        "routes": rows,
    }


def _instances(policy: Policy, route: Route, live: dict[str, Any] | None) -> int:
    """Count the candidate's addresses: what the proxy has, else what the file lists."""
    switch = policy.switches.get(route.candidate)
    names = {switch.current, switch.next} if switch else {route.candidate}
    found = {str(a) for name in names for a in policy.upstreams[name].instances}
    if live:
        joined = live["joined"]
        found |= {i["address"] for i in joined if i["upstream"] in names}
    return len(found)


def _render(content: dict[str, Any]) -> Group:
    lines = [Text(text) for text in _notes(content)]
    rows = [_row(row) for row in content["routes"]]
    return Group(table(HEADINGS, rows) if rows else Text("no routes yet"), *lines)


def _plain(content: dict[str, Any]) -> str:
    rows = ("\t".join(_row(row)) for row in content["routes"])
    return "\n".join((*rows, *_notes(content)))


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    mismatch_pct = row["mismatch_pct"]
    return (
        row["route"],
        row["stage"],
        f"{row['share_pct']:.2f} %",
        str(row["instances"]),
        str(row["compared"] or "-"),
        "-" if mismatch_pct is None else f"{mismatch_pct:.2f} %",
        "; ".join(row["blockers"]) or row["next"] or "-",
    )


def _notes(content: dict[str, Any]) -> list[str]:
    live = content["proxy"]
    if live is None:
        notes = [f"the proxy does not run: {content['proxy_reason']}"]
    elif live.get("revision") not in {None, content["revision"]}:
        notes = [f"the proxy runs revision {live['revision']}, the file is {content['revision']}"]
    else:
        notes = [f"the proxy runs this policy (revision {content['revision']})"]
    if live and live.get("alive") is False:
        notes.append(f"its engine {live.get('engine')} does not run just now")
    if live and live.get("error"):
        notes.append(f"the proxy says: {live['error']}")
    return [*notes, content["shadow_reason"]] if content["shadow_reason"] else notes
