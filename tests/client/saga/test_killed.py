"""Processes killed at any moment leave nothing half done once their runs are resumed."""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CARTS = 40
KILLS = 4


def site(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.client.saga.killed", str(folder), *arguments]
    return subprocess.Popen(command, cwd=ROOT)


def ended_well(folder: Path, *arguments: str) -> bool:
    with site(folder, *arguments) as process:
        return process.wait(60) == 0


def rows(folder: Path, database: str, statement: str) -> list[int]:
    with closing(sqlite3.connect(folder / f"{database}.sqlite3")) as connection:
        return sorted(value for (value,) in connection.execute(statement))


def begun(folder: Path) -> int:
    return len(rows(folder, "sagas", "SELECT id FROM strangler_saga_run"))


def test_every_run_is_done_or_undone_whenever_its_process_is_killed(tmp_path):
    assert ended_well(tmp_path, "migrate")
    chance = random.Random(7)
    first = 0
    for kill in range(KILLS):
        last = (kill + 1) * CARTS // KILLS
        already = begun(tmp_path)
        with site(tmp_path, "run", str(first), str(last)) as process:
            target = already + chance.randint(1, CARTS // KILLS - 2)
            while begun(tmp_path) < target:
                assert process.poll() is None, "it ended too early"
                time.sleep(chance.uniform(0, 0.004))
            process.kill()
        first = last
    assert begun(tmp_path) < CARTS, "no process was killed before its end"

    assert ended_well(tmp_path, "resume")

    keys = rows(tmp_path, "sagas", "SELECT key FROM strangler_saga_run")
    ended = rows(tmp_path, "sagas", "SELECT way FROM strangler_saga_run")
    assert set(ended) == {"done", "undone"}
    begun_carts = {int(key.removeprefix("cart-")) for key in keys}
    bought = sorted(cart for cart in begun_carts if cart % 3)
    assert rows(tmp_path, "sagas", "SELECT cart FROM orders") == bought
    for service in ("stock", "payments", "letters"):
        assert rows(tmp_path, service, "SELECT cart FROM effects") == bought, service
