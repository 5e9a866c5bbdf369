"""The running shop, and a recording of traffic to its monolith."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from tests.flows.rewritten import rewritten, suite_in_process
from tests.servers.shop import (
    ROOT,
    ServerProcess,
    clean_environment,
    free_port,
    seeded_monolith,
    shop,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.shop import Shop

__all__ = ["recording", "rewritten", "seeded_monolith", "shop", "suite_in_process"]

PATHS = [
    *(f"/api/products/{key}/" for key in range(1, 13)),
    *(f"/api/products/{key}/stock/" for key in (1, 2, 3)),
    *(f"/api/products/{key}/reviews/" for key in range(1, 6)),
    "/api/products/", "/api/products/?page=2", "/api/products/?ordering=-price&in_stock=true",
    "/api/products/?q=a", "/api/products/?min_price=cheap", "/api/categories/",
    "/api/categories/1/", "/api/products/99999/", "/api/products/1",
]  # fmt: skip


@pytest.fixture(scope="session")
def recording(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record a visit to the monolith with `strangler record`, and return the HAR file."""
    folder = tmp_path_factory.mktemp("recording")
    har, port = folder / "visit.har", free_port()
    recorder = ServerProcess(
        name="recorder",
        command=[
            sys.executable, "-m", "strangler", "record", "--upstream", shop.monolith.url,
            "--listen", f"127.0.0.1:{port}", "--out", str(folder), "--har", str(har),
        ],
        cwd=ROOT,
        environment=clean_environment(),
        log=folder / "recorder.log",
        probe_url=f"http://127.0.0.1:{port}/healthz",
    )  # fmt: skip
    try:
        recorder.start()
        _visit(f"http://127.0.0.1:{port}")
        assert recorder.process
        recorder.process.send_signal(signal.SIGINT)
        assert recorder.process.wait(30) == 0, recorder.tail()
    except subprocess.TimeoutExpired:
        pytest.fail(f"the recorder did not end\n{recorder.tail()}")
    finally:
        recorder.stop()
    return har


def _visit(url: str) -> None:
    with requests.Session() as browser:
        for path in PATHS:
            browser.get(url + path, timeout=10, allow_redirects=False)
        etag = browser.get(f"{url}/api/products/1/", timeout=10).headers["ETag"]
        again = browser.get(f"{url}/api/products/1/", headers={"If-None-Match": etag}, timeout=10)
        assert again.status_code == requests.codes.not_modified
        browser.head(f"{url}/api/products/2/", timeout=10)
