"""Running `codemods`, and the project's own tests under its tracer, in a copy."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.foreign_run import outcomes
from tests.bench.foreign_run.workplace import INJECT, REPOSITORY, ForeignError, digests

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.foreign_run.outcomes import Outcome
    from tests.bench.foreign_run.workplace import Workplace

TIMEOUT_S = 7200
TOLD_CHARACTERS = 3000
# Ours, from this checkout, whatever PYTHONPATH says: that is for the project's processes.
_CODEMODS = "import sys; sys.path.insert(0, {!r}); from codemods.cli import main; sys.exit(main())"
_SHELL = re.compile(r"[&|;<>$`*()]|^\s*\w+=")


@dataclass(frozen=True)
class Done:
    """How one command ended: status, output, what it said, and the seconds it took."""

    status: int
    stdout: str
    stderr: str
    seconds: float


@dataclass(frozen=True)
class SuiteRun:
    """One run of the project's tests: how each ended, the trace's file, and how long it took."""

    tests: dict[str, Outcome]
    trace: Path
    seconds: float
    log: Path


def codemods(
    place: Workplace, command: str, *words: str, env: dict[str, str] | None = None
) -> Done:
    """Run a `codemods` command on the copy, as a user does who stands in it."""
    options = ["--root", str(place.root), "--python", place.python]
    options += ["--contexts", str(place.contexts)]
    if place.settings:
        options += ["--settings", place.settings]
    code = _CODEMODS.format(str(REPOSITORY))
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, command, *options, *words],
        cwd=place.root, env=env or place.environment(),
        capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr, time.perf_counter() - started)


def checked(done: Done, what: str, *, allowed: tuple[int, ...] = (0,)) -> Done:
    """Return what was done.

    Raises:
        ForeignError: it ended with another status than the allowed ones.
    """
    if done.status not in allowed:
        said = (done.stderr.strip() or done.stdout.strip())[-TOLD_CHARACTERS:]
        raise ForeignError(f"{what} ended with status {done.status}:\n{said}")
    return done


def mapped(place: Workplace) -> list[dict[str, Any]]:
    """Return the crossings that the source alone shows, as `codemods map --json` prints them."""
    done = checked(codemods(place, "map", "--json"), "codemods map")
    found: list[dict[str, Any]] = json.loads(done.stdout)["crossings"]
    # A trace that the checkout brought along adds what only ran.
    return [row for row in found if row["seen"] != "runtime"]


def words_of(command: str, python: str) -> list[str]:
    """Return a test command as words; `python` is the project's, and what needs a shell gets one.

    Raises:
        ForeignError: its quotes do not match.
    """
    if _SHELL.search(command):
        return ["sh", "-c", command]
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ForeignError(f"--test {command!r}: {error}. Quote it as for a shell.") from error
    return [
        python if word in ("python", "python3") and not at else word
        for at, word in enumerate(words)
    ]


def baseline(place: Workplace, command: str) -> SuiteRun:
    """Run the tests of the tree as it was, or take the run kept here of the very same tree.

    Raises:
        ForeignError: nothing was traced, or no test ran.
    """
    folder = place.folder / "suites" / "baseline"
    asked = [command, place.python, place.settings, sorted(place.given.items())]
    key = hashlib.blake2b(json.dumps(asked).encode(), digest_size=16)
    for name, content in digests(place.root).items():
        if name != place.contexts.name:  # a trace does not depend on who owns what
            key.update(name.encode() + hashlib.blake2b(content).digest())
    kept = folder / "kept.json"
    if kept.is_file() and (known := json.loads(kept.read_text()))["key"] == key.hexdigest():
        tests = outcomes.read(folder / "outcomes")
        return SuiteRun(tests, folder / "trace.json", known["seconds"], folder / "output.log")
    run = run_suite(place, command, "baseline")
    kept.write_text(json.dumps({"key": key.hexdigest(), "seconds": run.seconds}))
    return run


def run_suite(place: Workplace, command: str, name: str) -> SuiteRun:
    """Run the project's tests under the tracer and return how each of them ended.

    Raises:
        ForeignError: nothing was traced, or no test ended; has the end of what was said.
    """
    folder = place.folder / "suites" / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "outcomes").mkdir(parents=True)
    env = place.environment(
        first=(str(INJECT),),
        FOREIGN_OUTCOMES_DIR=str(folder / "outcomes"),
        PYTEST_ADDOPTS=f"{place.given.get('PYTEST_ADDOPTS', '')} -p foreign_outcomes".strip(),
    )
    trace = folder / "trace.json"
    words = words_of(command, place.python)
    done = codemods(place, "trace", "--json", "--out", str(trace), "--", *words, env=env)
    log = folder / "output.log"
    log.write_text(done.stderr)
    tests = outcomes.read(folder / "outcomes")
    if not trace.is_file() or not tests:
        told = (done.stderr.strip() or done.stdout.strip())[-TOLD_CHARACTERS:]
        missing = "no test ended" if trace.is_file() else "nothing was traced"
        raise ForeignError(f"--test {command!r}: {missing} (status {done.status}):\n{told}")
    return SuiteRun(tests, trace, done.seconds, log)
