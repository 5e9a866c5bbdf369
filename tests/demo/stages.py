"""The way out and back, step by step: what is done, what is seen, what is claimed of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.demo.parity import Parity, claim_parity, wait_for_parity
from tests.demo.processes import GOOD, Stack
from tests.demo.samples import (
    MONOLITH,
    SERVICE,
    Window,
    changed_sides,
    moved_back,
    share_tolerance_pct,
    visitor_share_pct,
)
from tests.demo.traffic import Traffic
from tests.demo.visitors import make_guests, make_members, read_goods
from tests.servers.shop import copy_tables

if TYPE_CHECKING:
    from tests.demo.commands import Commands
    from tests.demo.screen import Screen
    from tests.demo.summary import Summary
    from tests.demo.visitors import Visitor

ROUTE = "product-detail"
WORKERS = 6
JOIN_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Scale:
    """How large and how long: rows of the shop, visitors, and seconds of each window.

    With `lifts_out` the services are made of a copy of the monolith first; else they are those
    that are committed, which CI holds to be the same.
    """

    users: int
    products: int
    orders: int
    anonymous: int
    sessions: int
    tokens: int
    rate_per_s: float
    window_s: float
    lifts_out: bool


FULL = Scale(
    200, 120, 1000, anonymous=240, sessions=2, tokens=3, rate_per_s=90, window_s=7.0, lifts_out=True
)
QUICK = Scale(
    20, 60, 60, anonymous=60, sessions=1, tokens=1, rate_per_s=90, window_s=1.6, lifts_out=False
)


@dataclass
class Run:
    """What every step works with.

    `sides` is who answered each visitor last, `parity` what was compared until the last look.
    """

    stack: Stack
    screen: Screen
    commands: Commands
    summary: Summary
    scale: Scale
    sides: dict[int, set[str]] = field(default_factory=dict)
    parity: Parity = field(default_factory=Parity)
    guests: list[Visitor] = field(default_factory=list)
    traffic: Traffic = field(init=False)

    def watch(self, what: str, windows: float = 1.0) -> Window:
        """Let the traffic run for a while, show the figures, and return what was seen."""
        window = self.screen.watch(self.traffic, windows * self.scale.window_s, what)
        self.screen.show(window)
        return window

    def move(self, why: str, *arguments: str) -> None:
        """Change the route with the command, and wait out the requests on their way."""
        self.commands.show("route", ROUTE, *arguments, "--execute", "--why", why, only=0)
        time.sleep(0.2)

    def wait_for_service(self, mark: int) -> None:
        """Return once the service has answered a visitor since `mark`, or after a while."""
        until = time.monotonic() + JOIN_TIMEOUT_S
        while not self.traffic.since(mark).answered_by(SERVICE) and time.monotonic() < until:
            time.sleep(0.1)

    def wait_for_release(self, version: str) -> None:
        """Return once the registry lists this release alone.

        Raises:
            TimeoutError: it has not joined, or another one has not left.
        """
        until = time.monotonic() + JOIN_TIMEOUT_S
        while time.monotonic() < until:
            joined = self.commands.read("instances")["instances"]
            if {i["version"] for i in joined if i["upstream"] == SERVICE} == {version}:
                return
            time.sleep(0.1)
        raise TimeoutError(f"release {version} is not alone in the registry: {joined}")


def set_up(run: Run) -> None:
    """Make the shop and start everything."""
    stack, screen, scale = run.stack, run.screen, run.scale
    screen.heading("A shop, and a service beside it")
    screen.say(
        "The monolith gets a database with made-up customers and orders; the products service, "
        "as `codemods extract` made it, copies its tables into a database of its own. The users "
        "service tells it who asks, still on the monolith's database."
    )
    with ThreadPoolExecutor(max_workers=1) as beside:
        tables = beside.submit(stack.service.manage, "migrate", "--verbosity", "0")
        stack.monolith.manage("migrate", "--verbosity", "0")
        size = ["--users", str(scale.users), "--products", str(scale.products)]
        screen.figure(stack.monolith.manage("seed", *size, "--orders", str(scale.orders)).strip())
        tables.result()
        started = beside.submit(stack.start_monolith)
        copied = copy_tables(stack.service, stack.monolith)
        screen.figure("copied: " + ", ".join(copied.splitlines()))
        started.result()
        stack.start_proxy()
        release = beside.submit(stack.start_release, GOOD)
        goods = read_goods(stack.url)
        members = make_members(
            stack.url, goods, sessions=scale.sessions, tokens=scale.tokens, connections=WORKERS
        )
        release.result()
    run.wait_for_release(GOOD)
    screen.say(
        f"Monolith on {stack.monolith.url}, proxy in front of it on {stack.url}. The service has "
        "registered itself:"
    )
    run.commands.show("instances")
    run.guests = make_guests(goods, first=1000, count=scale.anonymous, connections=WORKERS)
    run.traffic = Traffic(
        stack.url, guests=run.guests, members=members, workers=WORKERS, rate_per_s=scale.rate_per_s
    )
    run.traffic.start()


def stay(run: Run) -> None:
    """Stage monolith: the proxy is in the path and nothing has moved."""
    run.screen.heading("Stage monolith: the proxy passes everything on")
    run.screen.say(
        f"{run.scale.anonymous} browsers, {run.scale.sessions} people signed in and "
        f"{run.scale.tokens} programs with tokens browse, fill carts and check out."
    )
    run.commands.show("route")
    window = run.watch("all from the monolith")
    run.summary.claim(
        "monolith: every product detail from the monolith",
        f"{window.answered_by(MONOLITH)} of {len(window.moved)}",
        held=len(window.moved) > 0 and window.answered_by(MONOLITH) == len(window.moved),
    )


def canary(run: Run, share_pct: float, why: str) -> None:
    """Stage canary: part of the visitors is answered by the service, and stays with it."""
    run.screen.heading(f"Stage canary, {share_pct:g} %")
    run.move(why, "--stage", "canary", "--share", f"{share_pct:g}", "--shadow-pct", "20")
    window = run.watch(f"{share_pct:g} % from the service")
    sides = window.sides_of_visitors()
    seen_pct = visitor_share_pct(sides)
    tolerance_pct = share_tolerance_pct(share_pct, len(sides))
    back, changed = moved_back(run.sides, sides), changed_sides(sides)
    requests_pct = 100 * window.answered_by(SERVICE) / max(len(window.moved), 1)
    run.screen.figure(
        f"asked {share_pct:g} %: {seen_pct:.1f} % of {len(sides)} visitors, {requests_pct:.1f} % "
        f"of {len(window.moved)} requests; {len(changed)} visitors changed sides within the "
        f"stage, {len(back)} moved back"
    )
    run.summary.claim(
        f"canary {share_pct:g} %: share of visitors within {tolerance_pct:.1f} points",
        f"{seen_pct:.1f} % of {len(sides)}",
        held=abs(seen_pct - share_pct) <= tolerance_pct,
    )
    run.summary.claim(
        f"canary {share_pct:g} %: nobody changed sides or moved back",
        f"{len(changed)} changed, {len(back)} moved back",
        held=not back and not changed,
    )
    before = run.parity
    run.parity = wait_for_parity(run.commands, ROUTE, lambda p: p.compared > before.compared)
    claim_parity(run.screen, run.summary, f"canary {share_pct:g} %", run.parity.since(before))
    run.sides |= sides


def extract(run: Run) -> None:
    """Stage extracted: the service answers everybody."""
    run.screen.heading("Stage extracted: the service answers everybody")
    run.move("the canary at 50 % showed no difference", "--stage", "extracted")
    window = run.watch("all from the service")
    run.summary.claim(
        "extracted: every product detail from the service",
        f"{window.answered_by(SERVICE)} of {len(window.moved)}",
        held=len(window.moved) > 0 and window.answered_by(SERVICE) == len(window.moved),
    )


def kill(run: Run) -> None:
    """Kill the service under load; the monolith answers; start it again."""
    run.screen.heading("kill -9 to the service, under load")
    run.screen.say(
        "Every process of the service is killed at once, without a goodbye to the registry. A read "
        "that fails there is answered by the monolith within the same request."
    )
    assert run.stack.release is not None
    mark = run.traffic.mark()
    run.stack.release.kill()
    run.screen.command(["kill", "-9", str(run.stack.release.process.pid)])
    run.watch("the service is dead")
    dead = run.traffic.since(mark)
    run.summary.claim(
        "service killed under load: no failed request",
        f"{len(dead.failures)} of {dead.requests} failed, monolith answered "
        f"{dead.answered_by(MONOLITH)} details",
        held=not dead.failures and dead.answered_by(MONOLITH) > 0,
    )
    run.screen.say("The service is started again and joins by itself.")
    mark = run.traffic.mark()
    run.stack.release.start()
    run.wait_for_release(GOOD)
    run.wait_for_service(mark)
    window = run.watch("the service is back")
    run.summary.claim(
        "restarted service takes its share again",
        f"{window.answered_by(SERVICE)} of {len(window.moved)} details, "
        f"{len(window.failures)} failed",
        held=window.answered_by(SERVICE) > 0 and not window.failures,
    )


def go_home(run: Run) -> None:
    """Back to the monolith, as before the demonstration."""
    run.screen.heading("Back to the monolith")
    why = "end of the demonstration"
    run.commands.show("rollback", ROUTE, "--execute", "--why", why)
    time.sleep(0.2)
    window = run.watch("all from the monolith", 0.5)
    run.summary.claim(
        "back: every product detail from the monolith",
        f"{window.answered_by(MONOLITH)} of {len(window.moved)}",
        held=len(window.moved) > 0 and window.answered_by(MONOLITH) == len(window.moved),
    )


def look_back(run: Run) -> None:
    """What the visitors saw, from the first request to the last."""
    whole = run.traffic.since()
    kinds = whole.kinds()
    run.summary.claim(
        "traffic mixed reads, pages, static files, carts and checkouts",
        ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()),
        held={"detail", "list", "page", "static", "cart", "checkout"} <= set(kinds),
    )
    run.summary.claim(
        "no visitor saw a failure in the whole run",
        f"{len(whole.failures)} of {whole.requests} requests failed",
        held=not whole.failures,
    )
