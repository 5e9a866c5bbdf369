"""`python -m tests.demo`: exit status 0 when all held, 1 when a claim failed, 130 on Ctrl-C."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import requests

from tests.demo import comparison, stages
from tests.demo.commands import CommandFailed, Commands
from tests.demo.lifting import lift_out, lifted
from tests.demo.processes import Stack, make_folder
from tests.demo.screen import Screen
from tests.demo.summary import Summary
from tests.servers.shop import EXTRACTED, ROOT, ServerFailed

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPTED = 130


def main() -> int:
    """Read the options, run the story, and leave nothing running."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short, for tests")
    parser.add_argument("--keep", action="store_true", help="leave all running until Ctrl-C")
    options = parser.parse_args()
    screen, summary = Screen(), Summary()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    folder = make_folder()
    told = False
    try:
        scale = stages.QUICK if options.quick else stages.FULL
        with Stack(folder, lifted(folder) if scale.lifts_out else EXTRACTED) as stack:
            run = stages.Run(stack, screen, Commands(folder, screen), summary, scale)
            try:
                _tell(run)
                told = True
                if options.keep:
                    _keep(run)
            except KeyboardInterrupt:
                screen.say("Everything is being stopped.")
            finally:
                _hold_off_interrupts()
                if hasattr(run, "traffic"):
                    run.traffic.stop()
    except (ServerFailed, CommandFailed, TimeoutError, requests.RequestException) as error:
        print(f"the demonstration stopped: {error}\nlogs: {folder}", file=sys.stderr)
        return 1
    if not told:
        shutil.rmtree(folder, ignore_errors=True)
        return INTERRUPTED
    if summary.failed:
        screen.say(f"Logs: {_shown(folder)}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _tell(run: stages.Run) -> None:
    began = time.monotonic()
    if run.scale.lifts_out:
        lift_out(run)
    stages.set_up(run)
    stages.stay(run)
    comparison.shadow(run)
    stages.canary(run, 10, "shadow found no difference")
    stages.canary(run, 50, "canary at 10 % is clean")
    stages.extract(run)
    comparison.regress(run)
    comparison.roll_back(run)
    comparison.repair(run)
    stages.extract(run)
    stages.kill(run)
    stages.go_home(run)
    stages.look_back(run)
    run.summary.show(run.screen, took_s=time.monotonic() - began)


def _keep(run: stages.Run) -> None:
    """Wait for Ctrl-C with the shop, its visitors and the proxy running."""
    screen, folder = run.screen, run.stack.folder
    screen.heading("Everything goes on running; Ctrl-C stops all of it")
    for name, url in (
        ("shop through the proxy", run.stack.url),
        ("monolith itself", run.stack.monolith.url),
        ("control API", f"{run.stack.control_url}/v1/status"),
    ):
        screen.figure(f"{name}: {url}")
    screen.say(f"Try, in another terminal, in {_shown(folder)} (the command is in .venv/bin):")
    why = ["--execute", "--why", "to see it"]
    for command in (
        ["status", "--watch"],
        ["route", stages.ROUTE, "--stage", "canary", "--share", "25", *why],
        ["shadow", "report"],
        ["rollback", stages.ROUTE, *why],
    ):
        screen.command(["strangler", *command])
    while True:
        signal.pause()


def _shown(folder: Path) -> str:
    return str(folder.relative_to(ROOT))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _hold_off_interrupts() -> None:
    """Let a second Ctrl-C not stop the stopping."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
