from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from strangler.engines.control import ControlServer
from strangler.engines.registry import Registry
from strangler.policy import load_policy
from strangler.policy.model import Address
from tests.cli.commands import Shop


class LiveProxy:
    """The registry and control API of a running proxy, which reads the policy at each request."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry(folder / "registry.json", ttl_s=10)
        self.shop: Shop | None = None
        self.server = ControlServer(
            self.registry, Address("127.0.0.1", 0), status=self.status,
            upstreams=lambda: load_policy(self.shop.path).upstreams, token="",
        )  # fmt: skip

    def status(self) -> dict[str, str]:
        return {"revision": load_policy(self.shop.path).revision}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A policy whose proxy does not run."""
    return Shop(tmp_path)


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[LiveProxy]:
    """A running control API with a policy that names it."""
    live = LiveProxy(tmp_path)
    live.server.start()
    live.registry.start()
    live.shop = Shop(tmp_path, control_port=urlsplit(live.server.url).port)
    yield live
    live.server.stop()
    live.registry.stop()
