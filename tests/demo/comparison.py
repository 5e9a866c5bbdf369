"""The comparison at work: a clean shadow, a faulty release found, the way back, the repair."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

import requests

from tests.demo.parity import claim_parity, read_parity, wait_for_parity
from tests.demo.processes import GOOD, REGRESSED
from tests.demo.samples import MONOLITH, SERVICE
from tests.demo.stages import ROUTE
from tests.demo.traffic import UPSTREAM_HEADER

if TYPE_CHECKING:
    from tests.demo.stages import Run

FAULTY_PATH = "body.price"
LIVE_LIMIT_MS = 1000.0


def shadow(run: Run) -> None:
    """Stage shadow: the monolith answers everybody, the service is asked and compared."""
    run.screen.heading("Stage shadow: the service is asked too, and only compared")
    run.move("to see whether the answers are the same", "--stage", "shadow")
    window = run.watch("all from the monolith, compared with the service")
    run.summary.claim(
        "shadow: every product detail still from the monolith",
        f"{window.answered_by(MONOLITH)} of {len(window.moved)}",
        held=len(window.moved) > 0 and window.answered_by(MONOLITH) == len(window.moved),
    )
    run.parity = wait_for_parity(run.commands, ROUTE, lambda parity: parity.compared > 0)
    claim_parity(run.screen, run.summary, "shadow", run.parity)


def regress(run: Run) -> None:
    """Put out a release with a fault behind a compared canary, and have it found."""
    screen, stack = run.screen, run.stack
    screen.heading("A faulty release")
    screen.say(
        f"Release {REGRESSED} of the service puts a price through a float, for one product in "
        "three. It goes out as releases should: on half of the visitors, and compared. It "
        f"registers, then release {GOOD} is stopped and leaves."
    )
    run.move(f"release {REGRESSED}", "--stage", "canary", "--share", "50", "--shadow-pct", "100")
    good = stack.release
    before = read_parity(run.commands, ROUTE)
    stack.start_release(REGRESSED)
    assert good is not None
    good.stop()
    run.wait_for_release(REGRESSED)
    run.commands.show("instances")
    run.watch(f"half from release {REGRESSED}")
    found = wait_for_parity(
        run.commands, ROUTE, lambda parity: parity.mismatched > before.mismatched
    )
    screen.say("The comparison has found it:")
    run.commands.show("shadow", "report", "--route", ROUTE, allowed=(0, 1), only=16)
    run.summary.claim(
        f"faulty release found by comparison, at {FAULTY_PATH}",
        f"{found.since(before)}; paths {', '.join(found.paths) or 'none'}",
        held=FAULTY_PATH in found.paths,
    )


def roll_back(run: Run) -> None:
    """Send everybody back to the monolith, and measure when it takes effect."""
    run.screen.heading("Rollback")
    visitor = next(v for v in run.guests if run.sides.get(v.number) == {SERVICE})
    probe = Probe(f"{run.stack.url}/api/products/{visitor.goods.to_look_at[0]}/",
                  dict(visitor.http.cookies))  # fmt: skip
    mark = run.traffic.mark()
    with probe:
        began = time.monotonic()
        run.commands.show("rollback", ROUTE, "--execute", "--why", "prices are wrong")
        command_ms = (time.monotonic() - began) * 1000
        time.sleep(0.5)
    effect_ms = probe.effect_ms(written_ns=run.stack.policy.stat().st_mtime_ns)
    window = run.traffic.since(mark)
    run.screen.figure(
        f"in effect {effect_ms:.0f} ms after the policy file was written (the whole command: "
        f"{command_ms:.0f} ms); {len(window.failures)} of {window.requests} requests failed"
    )
    run.summary.claim(
        "rollback is in effect within a second, without a failure",
        f"{effect_ms:.0f} ms, {len(window.failures)} failed",
        held=effect_ms <= LIVE_LIMIT_MS and not window.failures,
    )


def repair(run: Run) -> None:
    """Put the good release back, compare it again, and go to half."""
    screen, stack = run.screen, run.stack
    screen.heading(f"Release {GOOD} again")
    faulty = stack.release
    stack.start_release(GOOD)
    assert faulty is not None
    faulty.stop()
    run.wait_for_release(GOOD)
    before = read_parity(run.commands, ROUTE)
    run.move("the good release is back", "--stage", "shadow")
    run.watch("all from the monolith, compared with the service")
    after = wait_for_parity(run.commands, ROUTE, lambda parity: parity.compared > before.compared)
    claim_parity(run.screen, run.summary, f"release {GOOD} again", after.since(before))
    run.move("it compares clean", "--stage", "canary", "--share", "50", "--shadow-pct", "20")
    run.watch("half from the service", 0.6)


class Probe:
    """Asks one address as fast as it can, as one visitor, and notes who answered when."""

    def __init__(self, url: str, cookies: dict[str, str]) -> None:
        self._url = url
        self._cookies = cookies
        self._answers: list[tuple[int, str]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _ask(self) -> None:
        with requests.Session() as http:
            while not self._stopping.is_set():
                began_ns = time.time_ns()
                answer = http.get(self._url, cookies=self._cookies, timeout=10)
                self._answers.append((began_ns, answer.headers.get(UPSTREAM_HEADER, "")))

    def effect_ms(self, *, written_ns: int) -> float:
        """Return when the first request began from which on only the monolith answered.

        Milliseconds after `written_ns`, the wall clock; infinite when it never was so.
        """
        last = max((at for at, side in self._answers if side != MONOLITH), default=0)
        later = [at for at, _ in self._answers if at > last]
        return max(0.0, (min(later) - written_ns) / 1e6) if later else float("inf")
