"""Everything the demonstration starts, in one stack that is stopped in reverse order."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import tomlkit

from tests.servers.shop import (
    EXTRACTED,
    ROOT,
    ServerProcess,
    Site,
    clean_environment,
    free_port,
    monolith_site,
    products_site,
    users_site,
)

if TYPE_CHECKING:
    from types import TracebackType

GOOD, REGRESSED = "1.0", "1.1"
PATIENCE_S = 8


def make_folder() -> Path:
    """Make a folder of its own for one run, under var/demo."""
    parent = ROOT / "var" / "demo"
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=parent, prefix="run-"))


def write_policy(path: Path, *, monolith: Site, listen: str, control: str) -> None:
    """Write the reference policy with this run's addresses, the endpoint still at the monolith."""
    policy = tomlkit.parse((ROOT / "strangler.toml").read_text())
    tables = policy.unwrap()
    assert "product-detail" in tables["routes"]
    proxy, upstream = policy["proxy"], policy["upstreams"]["monolith"]  # type: ignore[index]
    proxy["listen"], proxy["control"] = listen, control  # type: ignore[index]
    proxy["state_dir"] = str(path.parent / "state")  # type: ignore[index]
    upstream["instances"] = [f"127.0.0.1:{monolith.port}"]  # type: ignore[index]
    route = policy["routes"]["product-detail"]  # type: ignore[index]
    for key in ("share_pct", "shadow_pct"):
        route.pop(key, None)  # type: ignore[union-attr]
    route["stage"] = "monolith"  # type: ignore[index]
    # A busy laptop is slow at times; only a server that is gone shall count as gone here.
    route["candidate_timeout_s"] = PATIENCE_S  # type: ignore[index]
    for name in ("monolith", "products"):
        policy["upstreams"][name]["health"]["timeout_s"] = PATIENCE_S  # type: ignore[index]
    path.write_text(tomlkit.dumps(policy))


@dataclass
class Stack:
    """The shop, the services of `extracted` and the proxy of one run; use as a context manager."""

    folder: Path
    extracted: Path = EXTRACTED
    monolith: Site = field(init=False)
    users: Site = field(init=False)
    service: Site = field(init=False)
    release: ServerProcess | None = field(init=False, default=None)
    _running: ExitStack = field(init=False, default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.gateway_port, self.listen_port, self.control_port = (free_port() for _ in range(3))
        self.monolith = monolith_site(self.folder)
        self.users = users_site(self.monolith, extracted=self.extracted)
        self.service = self._products()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        """Where visitors go."""
        return f"http://127.0.0.1:{self.listen_port}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.control_port}"

    @property
    def policy(self) -> Path:
        return self.folder / "strangler.toml"

    def start_monolith(self) -> None:
        """Start the payment gateway, the monolith, and what tells the services who asks."""
        gateway = f"http://127.0.0.1:{self.gateway_port}"
        self._start(
            ServerProcess(
                name="fake-gateway",
                command=[sys.executable, "manage.py", "fake_gateway", "--port",
                         str(self.gateway_port)],
                cwd=ROOT,
                environment=self.monolith.environment,
                log=self.folder / "fake-gateway.log",
                probe_url=f"{gateway}/healthz",
            )
        )  # fmt: skip
        self._start(self.monolith.server(workers=1, FAKE_GATEWAY_URL=gateway))
        self._start(self.users.server())

    def start_proxy(self) -> None:
        """Write the policy and start `strangler proxy` on it."""
        write_policy(
            self.policy, monolith=self.monolith, listen=f"127.0.0.1:{self.listen_port}",
            control=f"127.0.0.1:{self.control_port}",
        )  # fmt: skip
        self._start(
            ServerProcess(
                name="proxy",
                command=[
                    sys.executable,
                    "-m",
                    "strangler",
                    "proxy",
                    "--policy",
                    str(self.policy),
                    "--drain",
                    "2",
                ],
                cwd=self.folder,
                environment=clean_environment(PYTHONPATH=str(ROOT)),
                log=self.folder / "proxy.log",
                probe_url=f"{self.url}/healthz",
            )
        )

    def start_release(self, version: str) -> ServerProcess:
        """Start a release of the service on a port of its own; it registers by itself."""
        site = self._products(name=f"products-{version}")
        extra = {
            "STRANGLER_CONTROL_URL": self.control_url,
            "STRANGLER_ADDRESS": f"127.0.0.1:{site.port}",
            "STRANGLER_VERSION": version,
        }
        if version == REGRESSED:
            extra["DJANGO_SETTINGS_MODULE"] = "tests.demo.regressed_settings"
            extra["PYTHONPATH"] = str(ROOT)
        self.release = self._start(site.server(**extra))
        return self.release

    def _products(self, name: str = "products") -> Site:
        return products_site(self.folder, users=self.users, name=name, extracted=self.extracted)

    def _start(self, server: ServerProcess) -> ServerProcess:
        self._running.callback(server.stop)
        return server.start()
