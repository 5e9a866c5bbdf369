"""Run the suites; print one JSON line for each test: its name and its traceback, if any."""

import json
import os
import sys
import unittest
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.client.divertsite.settings")

import django

warnings.simplefilter("error")
if django.VERSION < (4, 0):  # what Django itself does on a Python newer than it knows
    warnings.filterwarnings("ignore", module="django|pytz|sqlite3", category=DeprecationWarning)
django.setup()

from django.conf import settings
from django.test.utils import get_runner


class Lines(unittest.TestResult):
    def stopTest(self, test):
        super().stopTest(test)
        problems = [text for one, text in self.failures + self.errors if one is test]
        skipped = [reason for one, reason in self.skipped if one is test]
        line = {"test": test.id(), "problem": "\n".join(problems), "skipped": "".join(skipped)}
        print(json.dumps(line), flush=True)


class Runner(get_runner(settings)):
    def run_suite(self, suite, **kwargs):
        return suite.run(Lines())


def main():
    names = sys.argv[1:] or ["relations", "values", "library"]
    labels = ["tests.client.divertsite.suites." + name for name in names]
    sys.exit(Runner(verbosity=0, interactive=False).run_tests(labels) > 0)


main()
