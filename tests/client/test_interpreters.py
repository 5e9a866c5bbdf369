"""The whole runtime works on the ends of what is supported, as far as they are installed here.

STRANGLER_OLD_PYTHON    an interpreter with Python 3.8, Django 3.2 and requests
STRANGLER_NEW_PYTHON    one with the newest Python and Django
"""

import json
import os
import subprocess
import sys

import pytest

from tests.client.sites import ROOT

TRIES = 10


@pytest.mark.timeout(240)
@pytest.mark.parametrize("variable", ["", "STRANGLER_OLD_PYTHON", "STRANGLER_NEW_PYTHON"])
def test_the_runtime_works_and_warns_of_nothing(variable):
    python = os.environ.get(variable, "") if variable else sys.executable
    if not python:
        pytest.skip(f"{variable} names no interpreter")
    done = subprocess.run(
        [python, "-W", "error", "-m", "tests.client.ledgersite"],
        cwd=ROOT,
        env={key: text for key, text in os.environ.items() if not key.startswith("LEDGER_")},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [each["problem"] for each in told if each.get("problem")], done.stderr[-3000:]
    assert len([each for each in told if "try" in each]) == TRIES, done.stderr[-3000:]
    assert done.returncode == 0
