"""The checkout as a saga over processes that are killed: no order without payment, nor the reverse.

FLOW  rewritten shop, its saga calling payments, products and users by their clients
      -> providers of payments and products, each a process -> buyers, killed again and again;
      payments killed once -> resume_sagas -> what is left
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from monolith.payments.fakegateway.ledger import Ledger
from monolith.payments.fakegateway.server import FakeGatewayServer
from tests.servers.providers import APPLICATION
from tests.servers.shop import ROOT, ServerProcess, clean_environment, free_port, granian

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.flows.rewritten import RewrittenShop

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("rewritten-shop")]
SAGA, ROUNDS, REMOTE = "monolith/orders/saga.py", 10, ("payments", "products")


@pytest.fixture
def ledger() -> Iterator[tuple[str, Ledger]]:
    books = Ledger()
    with FakeGatewayServer(("127.0.0.1", 0), books, slow_s=1.0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.url, books
        server.shutdown()
        thread.join()


def test_kills_leave_no_order_without_payment_and_no_payment_without_order(
    rewritten: RewrittenShop, ledger: tuple[str, Ledger], tmp_path: Path
) -> None:
    text = (rewritten.root / SAGA).read_text()
    for call in ("payments_client.hold_payment(", "products_client.take_stock(", "loyalty_give("):
        assert call in text
    environment = clean_environment(
        DATABASE_URL=f"sqlite:///{tmp_path / 'shop.sqlite3'}",
        DJANGO_SETTINGS_MODULE="monolith.config.settings", SECRET_KEY="not-a-secret",
        CHECKOUT_SAGA="1", EMAIL_URL="dummymail://", FAKE_GATEWAY_URL=ledger[0],
        PYTHONPATH=os.pathsep.join([str(rewritten.root), str(ROOT)]),
    )  # fmt: skip
    servers = {name: _provider(name, rewritten.root, environment, tmp_path) for name in REMOTE}
    calling = {
        f"{name.upper()}_CLIENT_{what}": value
        for name, (_, url) in servers.items()
        for what, value in (("TRANSPORT", "http"), ("URL", url), ("TIMEOUT_S", "3"))
    }

    for server, _ in servers.values():
        server.launch()
    errors = (tmp_path / "buyers.log").open("w+")
    buyers = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/flows/buying.py"), str(ROUNDS)],
        cwd=rewritten.root, env=environment | calling, text=True,
        stdout=subprocess.PIPE, stderr=errors,
    )  # fmt: skip
    try:
        for server, _ in servers.values():
            server.wait_until_up()
        assert buyers.stdout
        assert buyers.stdout.readline() == "ready\n", (tmp_path / "buyers.log").read_text()[-4000:]
        with pytest.raises(subprocess.TimeoutExpired):
            buyers.wait(2)
        servers["payments"][0].kill()
        servers["payments"][0].start()
        out, _ = buyers.communicate(timeout=120)
        assert buyers.returncode == 0, (tmp_path / "buyers.log").read_text()[-4000:]
        came = json.loads(out)
    finally:
        buyers.kill()
        errors.close()
        for server, _ in servers.values():
            server.stop()
    held = [charge for charge in ledger[1].charges() if charge.status == "authorized"]
    assert set(came["ways"]) == {"done", "undone"}
    assert came["left"], "no kill came in the midst of a checkout"
    assert came["orders"], came["ways"]
    assert came["orders"] == came["paid"]
    assert not came["wrong amounts"]
    assert len(held) == len(came["references"]) == len(set(came["references"]))
    assert came["missing pieces"] == {}
    assert came["wrong points"] == []


def _provider(
    name: str, root: Path, environment: dict[str, str], folder: Path
) -> tuple[ServerProcess, str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = ServerProcess(
        name=name,
        command=granian(APPLICATION, port),
        cwd=root,
        environment=environment | {"PROVIDER": f"monolith.{name}.provider"},
        log=folder / f"{name}.log",
        probe_url=f"{url}/healthz",
    )
    return server, url
