"""Run the suites; print one JSON line for each test: its name, and its traceback if it failed.

`python -m tests.client.divertsite [--http] [suite ...]`; with --http every call goes over a socket
to a server thread that shares the test's connection, and so its transaction.
"""

import json
import os
import sys
import threading
import unittest
import warnings
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django


def main(arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.client.divertsite.settings")
    warnings.simplefilter("error")
    django.setup()
    names = [name for name in arguments if name != "--http"]
    runner = _runner("--http" in arguments)(verbosity=0, interactive=False)
    suites = names or ["relations", "references", "values", "library", "faked"]
    return runner.run_tests(["tests.client.divertsite.suites." + name for name in suites])


def _runner(is_over_http):
    from django.conf import settings
    from django.test.utils import get_runner

    class Runner(get_runner(settings)):
        def run_suite(self, suite, **kwargs):
            server = _serve() if is_over_http else None
            try:
                return suite.run(_Lines())
            finally:
                if server:
                    server.shutdown()
                    server.server_close()
                    print(json.dumps({"served": len(server.served)}), flush=True)

    return Runner


def _serve():
    from django.db import connection, connections
    from strangler.client import serving

    connection.inc_thread_sharing()
    shared = connections["default"]
    answer = serving.application("tests.client.divertsite.people.provider")

    served = []

    def application(environ, start_response):
        served.append(environ["PATH_INFO"])
        connections["default"] = shared
        return answer(environ, start_response)

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    server.served = served
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    os.environ["PEOPLE_CLIENT_TRANSPORT"] = "http"
    os.environ["PEOPLE_CLIENT_URL"] = f"http://127.0.0.1:{server.server_port}"
    return server


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class _Lines(unittest.TestResult):
    def stopTest(self, test):
        super().stopTest(test)
        problems = [text for one, text in self.failures + self.errors if one is test]
        skipped = [reason for one, reason in self.skipped if one is test]
        line = {"test": test.id(), "problem": "\n".join(problems), "skipped": "".join(skipped)}
        print(json.dumps(line), flush=True)


sys.exit(bool(main(sys.argv[1:])))
