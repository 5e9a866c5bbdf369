"""Load on a proxy from this machine: wrk where it is installed, else a generator of our own.

Two kinds of load. *Saturating*: as many requests as 32 connections carry, for throughput.
*Paced*: each connection waits between its requests, so that latency is that of a proxy that is
busy but not drowning.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTIONS = 32
PACED_CONNECTIONS = 40
PACED_DELAY_MS = (10, 30)
IDLE_PART = 0.9

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}

_LUA = """
local ready, position = {{}}, 0
init = function()
  for line in io.lines("{requests}") do
    local path, cookie = line:match("(%S+) (%S+)")
    ready[#ready + 1] = wrk.format("GET", path, {{["Host"] = "shop.example", ["Cookie"] = cookie,
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64)", ["Accept"] = "application/json",
      ["Accept-Language"] = "en-GB,en;q=0.5"}})
  end
end
request = function()
  position = position % #ready + 1
  return ready[position]
end
{delay}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of load saw. `failures` counts socket errors and statuses other than 2xx/3xx."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    failures: int


def write_requests(path: Path, paths: Sequence[str], *, count: int = 5000, seed: int = 7) -> Path:
    """Write `count` lines of "path cookie" that both generators read, deterministic by seed."""
    pick = random.Random(seed)

    def line() -> str:
        session, anonymous = pick.getrandbits(64), pick.getrandbits(64)
        return f"{pick.choice(paths)} sessionid={session:x};strangler_id={anonymous:x}"

    path.write_text("".join(f"{line()}\n" for _ in range(count)))
    return path


def run_load(port: int, requests: Path, *, seconds: float, paced: bool = False) -> Figures:
    """Load 127.0.0.1:`port` for `seconds` and return what was seen."""
    wait_until_idle()
    if shutil.which("wrk"):
        return _wrk(port, requests, seconds=seconds, paced=paced)
    return asyncio.run(_own(port, requests, seconds=seconds, paced=paced))


def _wrk(port: int, requests: Path, *, seconds: float, paced: bool) -> Figures:
    low, high = PACED_DELAY_MS
    delay = f"delay = function() return math.random({low}, {high}) end" if paced else ""
    script = requests.with_suffix(f".{'paced' if paced else 'full'}.lua")
    script.write_text(_LUA.format(requests=requests, delay=delay))
    connections = PACED_CONNECTIONS if paced else CONNECTIONS
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", str(script)]
    output = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/"],
        check=True, capture_output=True, text=True, timeout=seconds + 60,
    ).stdout  # fmt: skip
    rate = float(_find(r"Requests/sec:\s+([\d.]+)", output))
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output
    )
    failures = sum(map(int, errors.groups())) if errors else 0
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    failures += int(bad[1]) if bad else 0
    return Figures(rate, _percentile_ms(output, 50), _percentile_ms(output, 99), failures)


def _percentile_ms(output: str, percentile: int) -> float:
    value = _find(rf"^\s+{percentile}%\s+([\d.]+\w+)", output)
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", value).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS_MS[unit]


def _find(pattern: str, output: str) -> str:
    match = re.search(pattern, output, re.MULTILINE)
    if not match:
        raise RuntimeError(f"wrk printed no {pattern!r}:\n{output}")
    return match[1]


async def _own(port: int, requests: Path, *, seconds: float, paced: bool) -> Figures:
    lines = [line.split(" ", 1) for line in requests.read_text().splitlines()]
    latencies_ms: list[float] = []
    failures = 0
    until = time.monotonic() + seconds

    async def connection(first: int) -> None:
        nonlocal failures
        pick = random.Random(first)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path, cookie in (lines * 1000)[first:]:
            if time.monotonic() > until:
                break
            if paced:
                await asyncio.sleep(pick.uniform(*PACED_DELAY_MS) / 1000)
            started = time.perf_counter()
            head = f"GET {path} HTTP/1.1\r\nHost: shop.example\r\nCookie: {cookie}\r\n\r\n"
            writer.write(head.encode())
            status, headers = await _read_head(reader)
            await reader.readexactly(int(headers.get("content-length", 0)))
            latencies_ms.append((time.perf_counter() - started) * 1000)
            failures += not 200 <= status < 400
        writer.close()

    count = PACED_CONNECTIONS if paced else CONNECTIONS
    done = await asyncio.gather(*(connection(i * 97) for i in range(count)), return_exceptions=True)
    failures += sum(isinstance(result, Exception) for result in done)
    cuts = statistics.quantiles(latencies_ms, n=100)
    return Figures(len(latencies_ms) / seconds, cuts[49], cuts[98], failures)


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
    return int(head[0].split(" ")[1]), {name.lower(): value.strip() for name, value in pairs}


def wait_until_idle(*, most_s: float = 30.0) -> None:
    """Wait until the machine does next to nothing, so that no run pays for the one before.

    A comparator goes on comparing after its load has ended. Does nothing where there is no /proc.
    """
    stat = Path("/proc/stat")
    deadline = time.monotonic() + most_s
    while stat.exists() and time.monotonic() < deadline:
        before = _ticks(stat)
        time.sleep(0.25)
        after = _ticks(stat)
        total = sum(after) - sum(before)
        if total and (after[3] - before[3]) / total > IDLE_PART:
            return


def _ticks(stat: Path) -> list[int]:
    return [int(number) for number in stat.read_text().split("\n", 1)[0].split()[1:9]]


def write_figures(path: Path, figures: dict[str, object]) -> None:
    """Write the figures of one benchmark as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(figures, indent=2) + "\n")
    temporary.replace(path)
