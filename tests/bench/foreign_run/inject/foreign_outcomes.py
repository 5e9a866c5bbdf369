# ruff: noqa: PTH118, UP031 - runs inside the project's own processes, on Python 3.6 too
"""Append how each test ended, as a line of JSON, to a file of this process.

Under unittest, and so Django's runner, parallel or not, by TestResult's own methods; under pytest
as a plugin, named in PYTEST_ADDOPTS. PYTEST_DONT_REWRITE: sitecustomize imported this before.
"""

import functools
import json
import os
import traceback
import unittest

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
LAST_LINES = 25


def note(test, outcome, text=""):
    """Write one line; a process killed later has lost nothing."""
    last = "\n".join(text.strip().splitlines()[-LAST_LINES:])
    path = os.path.join(os.environ["FOREIGN_OUTCOMES_DIR"], "%d.jsonl" % os.getpid())
    line = json.dumps({"test": test, "outcome": outcome, "text": last}) + "\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def _text_of(error):
    try:
        return "".join(traceback.format_exception(*error))
    except Exception:  # noqa: BLE001 - a parallel runner hands over what it could pickle
        return repr(error)


def _noting(name, outcome):
    original = getattr(unittest.TestResult, name)

    @functools.wraps(original)
    def noted(self, test, *args):
        note(test.id(), outcome, _text_of(args[0]) if outcome == FAILED and args else "")
        return original(self, test, *args)

    setattr(unittest.TestResult, name, noted)


def watch_unittest():
    """Note the outcome of each test that unittest runs in this process."""
    for name, outcome in (
        ("addSuccess", PASSED),
        ("addError", FAILED),
        ("addFailure", FAILED),
        ("addSkip", SKIPPED),
        ("addExpectedFailure", SKIPPED),
        ("addUnexpectedSuccess", FAILED),
    ):
        _noting(name, outcome)
    original = unittest.TestResult.addSubTest

    @functools.wraps(original)
    def add_sub_test(self, test, subtest, err):
        if err is not None:
            note(test.id(), FAILED, _text_of(err))
        return original(self, test, subtest, err)

    unittest.TestResult.addSubTest = add_sub_test


def pytest_runtest_logreport(report):
    """Note a test's call, and a setup or teardown that failed or skipped."""
    if report.when == "call" or report.outcome != PASSED:
        note(report.nodeid, report.outcome, str(report.longrepr or ""))


def pytest_collectreport(report):
    """Note a module that could not be collected."""
    if report.failed:
        note("collecting " + report.nodeid, FAILED, str(report.longrepr or ""))
