"""`make bench-proxy`: the proxy beside plain Envoy and nginx, same backend, same load, interleaved.

Every round runs every contestant once, in turn, so that a slow minute of the machine hits all of
them; figures are medians over the rounds and ratios are taken round by round.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import timeit
from pathlib import Path

from rich.console import Console
from rich.table import Table

from strangler.policy import Request, decide, load_policy
from tests.bench import contestants
from tests.bench.load import Figures, run_load, write_figures, write_requests

STAGES = ("monolith", "canary", "extracted", "shadow")
OUTPUT = Path("var/bench/proxy.json")
GOALS = {
    "ours_4_routes_vs_plain_envoy": (">=", 0.9),
    "ours_200_routes_vs_plain_envoy": (">=", 0.8),
    "shadow_10pct_p99_vs_none": ("<=", 1.1),
    "decide_us_200_routes": ("<=", 10.0),
}


def main() -> int:
    """Run the benchmark and print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of load per contestant and round")
    args = parser.parse_args()
    os.sched_setaffinity(0, {contestants.LOAD_CPU % (os.cpu_count() or 1)})
    console = Console(width=120)
    with (
        tempfile.TemporaryDirectory(prefix="strangler-bench-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        decide_us = measure_decide(folder)
        ports = start_all(folder, stack, console)
        requests = {
            count: write_requests(folder / f"requests-{count}", [path_of(i) for i in range(count)])
            for count in (4, 200)
        }
        full, paced = measure(ports, requests, args, console)
        figures = summarise(full, paced, decide_us)
    print_report(full, paced, figures, console)
    write_figures(OUTPUT, figures)
    console.print(f"written to {OUTPUT}")
    return 0


def start_all(folder: Path, stack: contextlib.ExitStack, console: Console) -> dict[str, int]:
    """Start the backend and every contestant; return the port of each by name."""
    backend_port = contestants.free_port()
    stack.enter_context(contestants.backend(backend_port, folder))
    ports = {"direct": backend_port}
    ports["plain envoy"] = contestants.free_port()
    stack.enter_context(contestants.plain_envoy(ports["plain envoy"], backend_port, folder))
    port = contestants.free_port()
    running = contestants.nginx(port, backend_port, folder)
    if running is None:
        console.print("nginx is not installed: left out")
    else:
        stack.enter_context(running)
        ports["nginx"] = port
    variants = {
        "ours, 4 routes": (4, None, "envoy"),
        "ours, 200 routes": (200, None, "envoy"),
        "ours, shadow 0 %": (200, 0.0, "envoy"),
        "ours, shadow 10 %": (200, 10.0, "envoy"),
        "ours, shadow 100 %": (200, 100.0, "envoy"),
        "ours, mitmproxy": (200, None, "mitmproxy"),
    }
    for name, (count, shadow_pct, engine) in variants.items():
        ports[name] = contestants.free_port()
        policy = write_policy(folder, ports[name], backend_port, count, shadow_pct)
        stack.enter_context(contestants.ours(ports[name], policy, engine=engine))
    contestants.move_comparators(contestants.LOAD_CPU)
    return ports


def path_of(index: int) -> str:
    """Return a request path for the route of this number: one in four is a literal."""
    return f"/api/area-{index}/" if index % 4 == 0 else f"/api/area-{index}/{index * 31}/detail/"


def write_policy(
    folder: Path, port: int, backend_port: int, count: int, shadow_pct: float | None
) -> Path:
    """Write a policy with everything on.

    With `shadow_pct` None a quarter of the routes each in stage monolith, canary (sticky, with
    fallback and an override), extracted and shadow at 0; else every route is compared, half of
    them in stage shadow and half in canary.
    """
    home = folder / f"ours-{port}"
    home.mkdir()
    lines = [
        f'[proxy]\nlisten = "127.0.0.1:{port}"\ncontrol = "127.0.0.1:{contestants.free_port()}"',
        'state_dir = "state"',
    ]
    for name in ("monolith", "service"):
        lines.append(f'[upstreams.{name}]\ninstances = ["127.0.0.1:{backend_port}"]')
        lines.append('health = { path = "/healthz" }')
    for index in range(count):
        path = f"/api/area-{index}/" if index % 4 == 0 else f"/api/area-{index}/{{id}}/detail/"
        stage = STAGES[index % 4] if shadow_pct is None else STAGES[1 + 2 * (index % 2)]
        lines.append(f'[routes.area-{index}]\npath = "{path}"\ncandidate = "service"')
        lines.append(f'stage = "{stage}"')
        if stage in {"canary", "shadow"}:
            lines.append(f"shadow_pct = {shadow_pct or 0}")
        if stage == "canary":
            lines.append(f"share_pct = 20\n[[routes.area-{index}.overrides]]")
            lines.append('header = "X-Strangler-Side"\nvalue = "candidate"\nto = "candidate"')
    path = home / "strangler.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def measure(
    ports: dict[str, int], requests: dict[int, Path], args: argparse.Namespace, console: Console
) -> tuple[dict[str, list[Figures]], dict[str, list[Figures]]]:
    """Run every contestant in every round, once saturated and once paced."""
    full: dict[str, list[Figures]] = {name: [] for name in ports}
    paced: dict[str, list[Figures]] = {name: [] for name in ports if name != "ours, mitmproxy"}
    asked = {name: requests[4 if "4 routes" in name else 200] for name in ports}
    for name, port in ports.items():
        run_load(port, asked[name], seconds=1)
    for number in range(1, args.rounds + 1):
        for name, runs in full.items():
            runs.append(run_load(ports[name], asked[name], seconds=args.seconds))
        for name, runs in paced.items():
            runs.append(run_load(ports[name], asked[name], seconds=args.seconds, paced=True))
        console.print(f"round {number} of {args.rounds}", style="dim")
    return full, paced


def measure_decide(folder: Path) -> float:
    """Return the microseconds one decision takes on the policy of 200 routes."""
    policy = load_policy(write_policy(folder, contestants.free_port(), 1, 200, None))
    headers = (
        ("host", "shop.example"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("accept", "application/json"),
        ("cookie", "sessionid=f00; strangler_id=0123456789abcdef"),
    )
    asked = [Request("GET", f"{path_of(i)}?page=2", headers, fresh_id="f") for i in range(200)]
    rounds = timeit.repeat(lambda: [decide(policy, r) for r in asked], number=20, repeat=9)
    return statistics.median(rounds) / (20 * len(asked)) * 1e6


def ratio(of: list[Figures], to: list[Figures], field: str) -> float:
    """Return the median over the rounds of one figure of a contestant against another's."""
    pairs = zip(of, to, strict=True)
    return round(statistics.median(getattr(a, field) / getattr(b, field) for a, b in pairs), 3)


def summarise(
    full: dict[str, list[Figures]], paced: dict[str, list[Figures]], decide_us: float
) -> dict[str, object]:
    """Return the figures that are written, ratios first."""
    plain, none = full["plain envoy"], paced["ours, shadow 0 %"]
    named = {
        name: name.replace("ours, ", "ours_").replace(" %", "pct").replace(" ", "_")
        for name in full
    }
    figures: dict[str, object] = {
        "ours_4_routes_vs_plain_envoy": ratio(full["ours, 4 routes"], plain, "requests_per_s"),
        "ours_200_routes_vs_plain_envoy": ratio(full["ours, 200 routes"], plain, "requests_per_s"),
        "shadow_10pct_p99_vs_none": ratio(paced["ours, shadow 10 %"], none, "p99_ms"),
        "shadow_100pct_p99_vs_none": ratio(paced["ours, shadow 100 %"], none, "p99_ms"),
        "decide_us_200_routes": round(decide_us, 2),
    }
    for name, key in named.items():
        figures[f"{key}_requests_per_s"] = round(
            statistics.median(f.requests_per_s for f in full[name])
        )
        figures[f"{key}_vs_plain_envoy"] = ratio(full[name], plain, "requests_per_s")
    figures["failures"] = sum(
        f.failures for runs in (*full.values(), *paced.values()) for f in runs
    )
    figures["rounds"] = len(plain)
    return figures


def print_report(
    full: dict[str, list[Figures]],
    paced: dict[str, list[Figures]],
    figures: dict[str, object],
    console: Console,
) -> None:
    """Print the table of contestants and the goals beside what was measured."""
    table = Table(
        "contestant", "requests/s", "vs plain Envoy", "paced p50 ms", "paced p99 ms", "failures"
    )
    for name, runs in full.items():
        calm = paced.get(name, [])
        table.add_row(
            name,
            f"{statistics.median(f.requests_per_s for f in runs):,.0f}",
            f"{ratio(runs, full['plain envoy'], 'requests_per_s'):.2f}",
            f"{statistics.median(f.p50_ms for f in calm):.2f}" if calm else "",
            f"{statistics.median(f.p99_ms for f in calm):.2f}" if calm else "",
            str(sum(f.failures for f in (*runs, *calm))),
        )
    console.print(table)
    for key, (sign, goal) in GOALS.items():
        value = float(str(figures[key]))
        met = value >= goal if sign == ">=" else value <= goal
        console.print(f"{key}: {value:g} (goal {sign} {goal:g}: {'met' if met else 'missed'})")


if __name__ == "__main__":
    sys.exit(main())
