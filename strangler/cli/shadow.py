"""Show where the monolith's and the service's answers differ: report, show, reset, seams.

report exits with 1 when pairs mismatch. Everything shown was redacted before it was stored. The
proxy compares requests; seams takes the pairs of generated clients, whose *_CLIENT_TRANSPORT is
shadow, and --seams then means those.
"""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.cli._frame import add_command, add_json, console, print_json
from strangler.errors import StoreError, StranglerError
from strangler.policy import load_policy
from strangler.shadow.curl import curl_line
from strangler.shadow.report import as_data, as_text, verdict_data, verdict_text
from strangler.shadow.report_html import as_html
from strangler.shadow.rollup import read_pair, read_rollup
from strangler.shadow.seam_serve import SEAMS_NAME, serve
from strangler.shadow.store_file import DEFAULT_NAME, clear

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers
    from strangler.shadow.observation import Verdict

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its parts."""
    text = (__doc__ or "").strip()
    parser = subparsers.add_parser(
        "shadow", help=text.splitlines()[0].rstrip("."), description=text
    )
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)

    report = add_command(parts, "report", "Roll up by route and path, newest example first", run)
    report.add_argument("--route", metavar="NAME", help="this route only")
    report.add_argument("--since", metavar="AGE", help="only what came since, such as 15m, 2h, 1d")
    report.add_argument("--html", type=Path, metavar="FILE", help="write one page to open offline")
    add_json(report)

    show = add_command(parts, "show", "Show one pair with both bodies", run)
    show.add_argument("id", type=int, help="the pair's number, as report shows it")
    add_json(show)

    reset = add_command(parts, "reset", "Forget the pairs, counts and noise learned", run)
    reset.add_argument("--route", metavar="NAME", help="of this route only")
    reset.add_argument("--execute", action="store_true", help="do it; else say what would go")

    seams = add_command(parts, "seams", "Compare what clients send, until stopped", _seams)
    seams.add_argument("--listen", default="127.0.0.1:8090", metavar="HOST:PORT",
                       help="where clients' STRANGLER_SHADOW_SINK points (%(default)s); beyond this"
                       " machine they must send STRANGLER_SHADOW_TOKEN")  # fmt: skip

    for part in (report, show, reset, seams):
        part.add_argument("--store", type=Path, metavar="FILE", help="default: the policy's")
    for part in (report, show, reset):
        part.add_argument("--seams", action="store_true", help="what clients sent, by operation")


def run(args: argparse.Namespace) -> int:
    """Run one of the parts that read a store."""
    store = _store(args, SEAMS_NAME if args.seams else DEFAULT_NAME)
    if args.part == "report":
        return _report(args, store)
    return _show(args, store) if args.part == "show" else _reset(args, store)


def _seams(args: argparse.Namespace) -> int:
    store = _store(args, SEAMS_NAME)
    out = console()

    def tell(address: str) -> None:
        out.print(f"set STRANGLER_SHADOW_SINK=http://{address} where clients are; pairs: {store}")
        sys.stdout.flush()

    totals = serve(args.listen, store, tell)
    out.print(", ".join(f"{number} {name}" for name, number in sorted(totals.items())) or "no pair")
    return 0


def _store(args: argparse.Namespace, name: str) -> Path:
    """Return the file that was named, or that of the policy's proxy."""
    return args.store or load_policy(args.policy).proxy.state_dir / name


def _report(args: argparse.Namespace, store: Path) -> int:
    since = time.time() - _age_s(args.since) if args.since else None
    rollup = read_rollup(store, route=args.route, since=since)
    if args.route and not rollup:
        known = ", ".join(route.route for route in read_rollup(store)) or "none"
        raise StranglerError(
            f"no pairs of route {args.route!r} in that time; routes with any: {known}"
        )
    if args.html:
        _write(args.html, as_html(rollup, lambda pair_id: _pair(store, pair_id)))
    if args.json:
        print_json(as_data(rollup))
    else:
        console().print(as_text(rollup), soft_wrap=True)
    return 1 if any(route.mismatched for route in rollup) else 0


def _show(args: argparse.Namespace, store: Path) -> int:
    verdict = read_pair(store, args.id)
    curl = curl_line(verdict.pair.exchange)
    if args.json:
        print_json(verdict_data(args.id, verdict, curl))
    else:
        console().print(verdict_text(args.id, verdict, curl), soft_wrap=True)
    return 0


def _reset(args: argparse.Namespace, store: Path) -> int:
    rollup = read_rollup(store, route=args.route)
    what = ", ".join(f"{route.route} ({route.pairs} pairs)" for route in rollup)
    if not rollup:
        print("nothing to forget")
        return 0
    if not args.execute:
        print(f"would forget {what}; repeat with --execute")
        return 1
    clear(store, args.route)
    print(f"forgot {what}")
    return 0


def _pair(store: Path, pair_id: int) -> Verdict | None:
    with suppress(StoreError):
        return read_pair(store, pair_id)
    return None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise StranglerError(f"cannot write {path}: {error.strerror}") from None


def _age_s(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if not found:
        raise StranglerError(f"--since {text!r}: expected a number and s, m, h or d, such as 15m")
    return float(found[1]) * UNITS_S[found[2]]
