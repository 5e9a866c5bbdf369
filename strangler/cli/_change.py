"""Show a planned change of the policy, or make it: the same words for every command that edits.

plan ─> diff and effect ─> without --execute: exit 1, nothing written
                        └> with --execute: written, audited, and seen live in the proxy
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from strangler.cli._control import live_status
from strangler.cli._frame import print_json, warn
from strangler.errors import StranglerError
from strangler.policy.edit import plan_edit, write_edit
from strangler.policy.effect import describe_effect, step_refusal, step_warning

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from strangler.policy.edit import Edit, KeyPath

LIVE_WAIT_S = 5.0


def add_change(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that changes the policy."""
    parser.add_argument("--why", metavar="TEXT", help="the reason, for the audit log")
    parser.add_argument("--execute", action="store_true", help="write it; else only shown")
    parser.add_argument("--force", action="store_true", help="take a step that is refused")


def carry_out(
    args: argparse.Namespace, changes: Mapping[KeyPath, object], *, refusal: str = ""
) -> int:
    """Show or make `changes` to `args.policy`; return the exit status.

    `refusal` is why the command itself asks for `--force`.

    Raises:
        StranglerError: when a step is refused, or a reason is missing.
        PolicyError: when the file is unusable, or would be.
    """
    edit = plan_edit(args.policy, changes)
    before = {route.name: route for route in edit.before.routes}
    pairs = [(before[name], edit.after.route(name)) for name in edit.routes]
    effects = [sentence for pair in pairs for sentence in describe_effect(*pair)]
    warnings = [text for pair in pairs if (text := step_warning(*pair))]
    refusals = [text for text in (refusal, *(step_refusal(*pair) for pair in pairs)) if text]
    if edit.is_empty:
        _tell(args, edit, effects, warnings, "there is nothing to change")
        return 0
    if refusals and not args.force:
        raise StranglerError("\n  ".join(["this step is refused", *refusals, "--force takes it"]))
    warnings += refusals
    if not args.execute:
        _tell(args, edit, effects, warnings, "nothing is written; add --execute to do it")
        return 1
    if not (args.why and args.why.strip()):
        raise StranglerError("--execute needs --why TEXT: the reason goes into the audit log")
    entry = write_edit(edit, why=args.why.strip())
    result = f"written by {entry.who}, revision {entry.revision_after}; {_liveness(edit)}"
    _tell(args, edit, effects, warnings, result, written=True)
    return 0


def _liveness(edit: Edit) -> str:
    """Wait until the running proxy has the revision, and say so."""
    until = time.monotonic() + LIVE_WAIT_S
    while True:
        status, _ = live_status(edit.after)
        if status is None:
            return "no proxy runs here, so it counts from the proxy's next start"
        if status.get("revision") == edit.after.revision:
            return "live in the proxy"
        if time.monotonic() > until:
            reason = status.get("error") or f"it has {status.get('revision')}"
            return f"the proxy has not taken it up: {reason}"
        time.sleep(0.05)


def _tell(
    args: argparse.Namespace,
    edit: Edit,
    effects: list[str],
    warnings: list[str],
    result: str,
    *,
    written: bool = False,
) -> None:
    if args.json:
        print_json(
            {
                "changes": not edit.is_empty,
                "written": written,
                "routes": list(edit.routes),
                "diff": edit.diff,
                "effects": effects,
                "warnings": warnings,
                "result": result,
                "revision_before": edit.before.revision,
                "revision_after": edit.after.revision,
            }
        )
        return
    for text in warnings:
        warn(text)
    if edit.diff:
        print(edit.diff, end="" if edit.diff.endswith("\n") else "\n")
    for sentence in effects:
        print(sentence)
    print(result)
