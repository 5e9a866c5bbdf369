"""Try the whole runtime under whatever Python and Django run this; print one JSON line per try.

`python -W error -m tests.client.ledgersite`: the service is a wsgiref server in a thread, on a
SQLite file; a second one drips. Nothing beyond the standard library, Django and requests is used.
"""

import json
import os
import socket
import sys
import tempfile
import threading
import time
import traceback
import warnings
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

pairs = []


class Threading(ThreadingMixIn, WSGIServer):
    """Serves each connection in a thread of its own."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *args):
        pass


def take(pair):
    """Be the sink of pairs."""
    pairs.append(pair)


def drip():
    """Listen on a port where answers drip; return its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=drop_by_drop, args=(connection,), daemon=True).start()

    def drop_by_drop(connection):
        try:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"7" * 9999:
                connection.sendall(bytes([byte]))
                time.sleep(0.02)
        except OSError:
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


class Tries:
    """What is tried, one method each."""

    def __init__(self, url, dripping):
        self.url, self.dripping = url, dripping

    def __iter__(self):
        return (getattr(self, name) for name in vars(type(self)) if name.startswith("try_"))

    def use(self, **variables):
        """Have calls made by these variables, and no others."""
        from tests.client.ledgersite.ledger import operations

        operations.SERVICE.close()
        for name in list(os.environ):
            if name.startswith("LEDGER_CLIENT_"):
                del os.environ[name]
        for name, text in {"TRANSPORT": "http", "URL": self.url, **variables}.items():
            os.environ["LEDGER_CLIENT_" + name] = text
        return operations

    def try_calls_and_context(self):
        from strangler.client.propagation import deadline, identity

        operations = self.use()
        with identity.acting_as(7), deadline.within(5):
            told = operations.context()
        assert told["user"] == "7"
        assert 0 < told["left_s"] <= 5
        assert len(told["trace_id"]) == 32

    def try_writes_once(self):
        from strangler.client.idempotency import keys

        operations = self.use()
        for _ in range(2):
            with keys.repeatable("step"):
                operations.add("once")
        operations.add("twice")
        operations.add("twice")
        assert (operations.count("once"), operations.count("twice")) == (1, 2)

    def try_steps_in_process(self):
        from strangler.client.failures import ServiceError
        from strangler.client.idempotency import keys

        operations = self.use(TRANSPORT="in_process")
        answers = []
        for _ in range(2):
            with keys.repeatable("here"):
                answers.append(operations.add("here"))
        assert operations.count("here") == 1
        assert len(set(answers)) == 1
        try:
            with keys.repeatable("here"):
                operations.add("something else")
        except ServiceError as error:
            assert "used for another call" in str(error)
        else:
            raise AssertionError("it was done")

    def try_deadlines(self):
        from strangler.client.failures import DeadlineError

        operations = self.use(URL=self.dripping, TIMEOUT_S="0.3")
        began_at = time.monotonic()
        try:
            operations.count("x")
        except DeadlineError:
            assert time.monotonic() - began_at < 10
        else:
            raise AssertionError("it answered")

    def try_circuit(self):
        from strangler.client.failures import CircuitOpenError, UnavailableError

        operations = self.use(URL="http://127.0.0.1:1", RETRIES="0", BREAKER_FAILURES="2")
        found = []
        for _ in range(4):
            try:
                operations.count("x")
            except UnavailableError as error:
                found.append(type(error) is CircuitOpenError)
        assert found == [False, False, True, True], found

    def try_cache(self):
        from strangler.client import metrics

        operations = self.use(CACHE_S="60")
        operations.add("kept")
        assert [operations.count("kept") for _ in range(3)] == [1, 1, 1]
        assert metrics.CACHE.value("ledger", "count", "hit") == 2

    def try_shadow(self):
        operations = self.use(TRANSPORT="shadow")
        os.environ["STRANGLER_SHADOW_SINK"] = __name__ + ".take"
        operations.count("x")
        end = time.monotonic() + 10
        while not pairs and time.monotonic() < end:
            time.sleep(0.01)
        assert pairs[0]["control"]["body"] == pairs[0]["candidate"]["body"] == "0", pairs

    def try_page(self):
        from django.test import RequestFactory
        from strangler.client.middleware import CallContextMiddleware
        from strangler.client.propagation import identity

        serve = CallContextMiddleware(lambda request: identity.current())
        asked = RequestFactory().get("/", HTTP_X_STRANGLER_IDENTITY=identity.signed("9"))
        assert serve(asked) == "9"
        forged = RequestFactory().get("/", HTTP_X_STRANGLER_IDENTITY="9:forged")
        assert serve(forged).status_code == 401

    def try_text_of_metrics(self):
        from strangler.client import metrics

        assert 'strangler_client_calls_total{service="ledger",operation="add"' in metrics.text()

    def try_task_arguments(self):
        from strangler.client import tasks
        from strangler.client.failures import InvalidArgumentError

        try:
            tasks.task("ledger.add").delay_on_commit(object())
        except InvalidArgumentError:
            return
        raise AssertionError("it was taken")


def main():
    """Try everything; return 1 when something failed."""
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.client.ledgersite.settings",
            LEDGER_DB=f"sqlite:///{Path(folder) / 'ledger.sqlite3'}",
            LEDGER_KEYS="1",
            STRANGLER_IDENTITY_KEY="between services",
        )
        django.setup()
        from django.core.management import call_command
        from strangler.client import serving

        call_command("migrate", run_syncdb=True, verbosity=0)
        call_command("makemigrations", "strangler_idempotency", check=True, verbosity=0)
        application = serving.application("tests.client.ledgersite.ledger.provider")
        server = make_server("127.0.0.1", 0, application, Threading, handler_class=Quiet)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        failed = 0
        for attempt in Tries(f"http://127.0.0.1:{server.server_port}", drip()):
            try:
                attempt()
                problem = ""
            except Exception:  # noqa: BLE001 - told below
                problem = traceback.format_exc()
            failed += bool(problem)
            print(json.dumps({"try": attempt.__name__, "problem": problem}), flush=True)
        server.shutdown()
        server.server_close()
        print(json.dumps({"python": sys.version.split()[0], "django": django.__version__}))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
