"""``manage.py fake_gateway``: run the fake payment gateway in this process until Ctrl-C."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monolith.payments.fakegateway.ledger import Ledger
from monolith.payments.fakegateway.server import FakeGatewayServer


class Command(BaseCommand):
    help = "Run a fake payment gateway on 127.0.0.1 (JSON, and enough of Stripe's API)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8090, help="0 picks a free one")
        parser.add_argument("--ledger", type=Path, help="SQLite file; default: in memory")
        parser.add_argument("--slow-s", type=float, default=10.0, help="delay of tok_slow, seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        ledger = Ledger(options["ledger"])
        address = ("127.0.0.1", options["port"])
        try:
            server = FakeGatewayServer(address, ledger, slow_s=options["slow_s"])
        except (OSError, OverflowError) as error:
            ledger.close()
            raise CommandError(
                f"cannot listen on 127.0.0.1:{options['port']}: {error}; give another --port"
            ) from error
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        self.stdout.write(f"fake gateway on {server.url}")
        self.stdout.flush()
        with server:
            server.serve_forever(poll_interval=0.1)
        ledger.close()
