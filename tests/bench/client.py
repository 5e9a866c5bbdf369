"""What the client runtime costs: side by side, interleaved, in one run.

    python -m tests.bench.client [--rounds 9] [--calls 300]

A call over HTTP beside a bare `requests.Session` that asks the same URL and parses the same JSON;
a call in process beside the ORM query that it stands for; a page of 200 rows with a relation read
in each, fetched one by one and in one call. The service is a process of its own (granian) on the
same SQLite file. Ratios are taken round by round, figures are medians; goal: a call within 1.15 of
the bare session. The same is told of this process's own CPU time, which no busy machine changes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import requests
from rich.console import Console
from rich.table import Table

from tests.bench.load import write_figures
from tests.client.providers import served

if TYPE_CHECKING:
    from collections.abc import Callable

OUTPUT = Path("var/bench/client.json")
GOAL = 1.15
ROWS = 200
PAGE_SHARE = 0.02
"""Pages take long: so many of them stand for the calls of a round."""


def main() -> int:
    """Run the benchmark; print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=300, help="of each kind in each round")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="strangler-bench-") as name:
        folder = Path(name)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.client.divertsite.settings",
            DIVERTSITE_DB=str(folder / "people.sqlite3"),
            PEOPLE_CLIENT_TRANSPORT="http",
        )
        django.setup()
        _fill()
        with served("people", folder) as url:
            os.environ["PEOPLE_CLIENT_URL"] = url
            _wait(url)
            figures = _measure(_contestants(url), args.rounds, args.calls)
    _print(figures)
    write_figures(OUTPUT, figures)
    return 0


def _fill() -> None:
    from django.core.management import call_command  # noqa: PLC0415 - needs settings

    from tests.client.divertsite.people.models import Country, User  # noqa: PLC0415
    from tests.client.divertsite.shop.models import Order  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    country = Country.objects.create(code="de", name="Germany")
    users = User.objects.bulk_create(
        User(username=f"u{number}", email=f"u{number}@shop.test", country=country)
        for number in range(ROWS)
    )
    Order.objects.bulk_create(
        Order(number=str(user.pk), user_id=user.pk, country_id="de") for user in users
    )


def _contestants(url: str) -> dict[str, tuple[Callable[[], Any], float]]:
    """Return what is timed, each with its share of a round's calls."""
    from tests.client.divertsite.clients import people_client  # noqa: PLC0415
    from tests.client.divertsite.people.models import User  # noqa: PLC0415
    from tests.client.divertsite.shop.models import Order  # noqa: PLC0415

    session = requests.Session()

    def bare() -> Any:
        return session.get(f"{url}/v1/get_user?id=1", timeout=(1, 5)).json()

    def over_http() -> Any:
        os.environ["PEOPLE_CLIENT_TRANSPORT"] = "http"
        return people_client.get_user(id=1)

    def in_process() -> Any:
        os.environ["PEOPLE_CLIENT_TRANSPORT"] = "in_process"
        return people_client.get_user(id=1)

    def by_orm() -> Any:
        return User.objects.select_related("profile").get(id=1)

    def page(orders: Any) -> int:
        os.environ["PEOPLE_CLIENT_TRANSPORT"] = "http"
        return sum(len(order.user.email) for order in orders)

    return {
        "bare requests.Session": (bare, 1),
        "client over HTTP": (over_http, 1),
        "ORM query": (by_orm, 1),
        "client in process": (in_process, 1),
        "page, one by one": (lambda: page(Order.objects.all()), PAGE_SHARE),
        "page, batched": (lambda: page(Order.objects.prefetch_related("user")), PAGE_SHARE),
    }


def _measure(
    contestants: dict[str, tuple[Callable[[], Any], float]], rounds: int, calls: int
) -> dict[str, Any]:
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    used: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, (call, share) in contestants.items():
            times = max(1, int(calls * share))
            began_at, used_before = time.perf_counter(), time.process_time()
            for _ in range(times):
                call()
            if number:  # the first round warms up
                taken[name].append((time.perf_counter() - began_at) / times * 1000)
                used[name].append((time.process_time() - used_before) / times * 1000)

    def ratio(of: str, to: str, figures: dict[str, list[float]] = taken) -> float:
        pairs = zip(figures[of], figures[to], strict=True)
        return round(statistics.median(one / other for one, other in pairs), 3)

    return {
        "client_vs_bare_session": ratio("client over HTTP", "bare requests.Session"),
        "client_vs_bare_session_cpu": ratio("client over HTTP", "bare requests.Session", used),
        "in_process_vs_orm": ratio("client in process", "ORM query"),
        "in_process_vs_orm_cpu": ratio("client in process", "ORM query", used),
        "page_one_by_one_vs_batched": ratio("page, one by one", "page, batched"),
        **{
            f"{name.replace(',', '').replace(' ', '_').replace('.', '_').lower()}_ms": round(
                statistics.median(found), 4
            )
            for name, found in taken.items()
        },
        "rounds": rounds,
        "rows_of_a_page": ROWS,
    }


def _wait(url: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if requests.get(f"{url}/v1/get_user?id=1", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise SystemExit(f"nothing answers at {url}")


def _print(figures: dict[str, Any]) -> None:
    table = Table("what", "figure")
    for name, figure in figures.items():
        table.add_row(name, f"{figure:g}")
    console = Console(width=100)
    console.print(table)
    met = "met" if figures["client_vs_bare_session"] <= GOAL else "missed"
    console.print(f"client_vs_bare_session: goal <= {GOAL} {met}")


if __name__ == "__main__":
    sys.exit(main())
