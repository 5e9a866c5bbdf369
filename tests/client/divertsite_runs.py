"""Runs of the test site's suites in processes of their own: one per transport, shared by tests."""

import ast
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from .sites import ROOT

SUITES = ROOT / "tests" / "client" / "divertsite" / "suites"
SETTINGS = "tests.client.divertsite.settings"
TRANSPORTS = {
    "in_process": ((), {}),
    "strict": ((), {"PEOPLE_CLIENT_STRICT": "1"}),
    "http": (("--http",), {}),
}


@dataclass(frozen=True)
class Run:
    """What one run printed: the tests by name, and how many requests were served."""

    tests: dict[str, dict[str, Any]]
    served: int
    errors: str


@cache
def run(transport: str, python: str = sys.executable) -> Run:
    arguments, environment = TRANSPORTS[transport]
    done = subprocess.run(
        [python, "-W", "error", "-m", "tests.client.divertsite", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": SETTINGS},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Run(
        {line["test"].rpartition("suites.")[2]: line for line in lines if "test" in line},
        sum(line.get("served", 0) for line in lines),
        done.stderr,
    )


def names(suite: str) -> list[str]:
    """Return the names of a suite's tests, read from its source."""
    return [
        f"{suite}.{group.name}.{test.name}"
        for group in ast.parse((SUITES / f"{suite}.py").read_text()).body
        if isinstance(group, ast.ClassDef)
        for test in group.body
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
    ]


def passed(transport: str, name: str) -> None:
    found = run(transport).tests.get(name)
    assert found, f"{name} did not run:\n{run(transport).errors[-3000:]}"
    assert not found["problem"], found["problem"]
    if found["skipped"]:
        pytest.skip(found["skipped"])
