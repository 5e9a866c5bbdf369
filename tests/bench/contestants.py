"""The proxies that are compared, each a real process on a port of its own.

Every contestant forwards to the same backend and is pinned to the same processor; load and
backend run on the other one. A contestant that is not installed is left out by name.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.engines.envoy.binary import find_envoy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROXY_CPU, LOAD_CPU = 0, 1
BODY = json.dumps(
    {"id": 17, "name": "Kettle", "price": "24.90", "in_stock": True} | {"pad": "x" * 400}
)


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _on(cpu: int) -> list[str]:
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(cpu % (os.cpu_count() or 1))] if taskset else []


@contextlib.contextmanager
def process(command: Sequence[str], port: int, *, cpu: int, cwd: Path) -> Iterator[int]:
    """Run a command in a process group of its own, pinned, until it answers on `port`."""
    log = (cwd / f"{port}.log").open("wb")
    with subprocess.Popen(
        [*_on(cpu), *command],
        cwd=cwd,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as running:
        try:
            _wait(port, running, Path(log.name))
            yield running.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            log.close()


def _wait(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if running.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}:\n{log.read_text()[-2000:]}")


def _envoy_listener(port: int, routes: list[dict[str, object]]) -> dict[str, object]:
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
        ".HttpConnectionManager",
        "stat_prefix": "plain",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
    }
    return {
        "name": f"listener-{port}",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }


def _run_envoy(
    bootstrap: dict[str, object], port: int, cpu: int, folder: Path
) -> contextlib.AbstractContextManager[int]:
    path = folder / f"envoy-{port}.json"
    path.write_text(json.dumps(bootstrap))
    command = [
        str(find_envoy()),
        "-c",
        str(path),
        "--concurrency",
        "1",
        "--disable-hot-restart",
        "-l",
        "error",
    ]
    return process(command, port, cpu=cpu, cwd=folder)


def backend(port: int, folder: Path) -> contextlib.AbstractContextManager[int]:
    """Run the backend of every contestant: an Envoy that answers 500 bytes of JSON directly."""
    answer = {"status": 200, "body": {"inline_string": BODY}}
    json_type = {"header": {"key": "content-type", "value": "application/json"}}
    routes = [
        {
            "match": {"prefix": "/"},
            "direct_response": answer,
            "response_headers_to_add": [json_type],
        }
    ]
    bootstrap = {"static_resources": {"listeners": [_envoy_listener(port, routes)]}}
    return _run_envoy(bootstrap, port, LOAD_CPU, folder)


def plain_envoy(
    port: int, backend_port: int, folder: Path
) -> contextlib.AbstractContextManager[int]:
    """Run Envoy with the configuration a person would write by hand for one backend."""
    endpoint = {
        "endpoint": {
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": backend_port}}
        }
    }
    cluster = {
        "name": "backend",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": "backend", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    routes: list[dict[str, object]] = [{"match": {"prefix": "/"}, "route": {"cluster": "backend"}}]
    bootstrap = {
        "static_resources": {"listeners": [_envoy_listener(port, routes)], "clusters": [cluster]}
    }
    return _run_envoy(bootstrap, port, PROXY_CPU, folder)


def nginx(
    port: int, backend_port: int, folder: Path
) -> contextlib.AbstractContextManager[int] | None:
    """Run nginx as a keep-alive reverse proxy with one worker; None where it is not installed."""
    if not shutil.which("nginx"):
        return None
    path = folder / "nginx.conf"
    path.write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  keepalive_requests 1000000000;
  upstream backend {{
    server 127.0.0.1:{backend_port}; keepalive 64; keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host;
    }}
  }}
}}
""")
    command = ["nginx", "-c", str(path), "-p", str(folder)]
    return process(command, port, cpu=PROXY_CPU, cwd=folder)


def ours(
    port: int, policy: Path, *, engine: str = "envoy"
) -> contextlib.AbstractContextManager[int]:
    """Run `strangler proxy` itself on a policy that listens on `port`."""
    command = [
        sys.executable,
        "-m",
        "strangler",
        "proxy",
        "--policy",
        str(policy),
        "--engine",
        engine,
    ]
    return process(command, port, cpu=PROXY_CPU, cwd=policy.parent)


def move_comparators(to_cpu: int) -> None:
    """Move running comparators off the proxy's processor, as a fleet would place them."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"strangler.shadow.serve" in (folder / "cmdline").read_bytes():
                for task in (folder / "task").iterdir():
                    os.sched_setaffinity(int(task.name), {to_cpu % (os.cpu_count() or 1)})
