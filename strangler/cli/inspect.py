"""Open a recording in mitmweb, or check that it reads and say what is in it.

Takes a mitmproxy flow file or a HAR file. mitmweb runs on loopback until Ctrl-C. Exit status: 0
when the file reads, 2 when it does not.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strangler.cli._frame import add_command, add_json, console, print_json, table
from strangler.engines.mitm.recording import read_flows
from strangler.errors import EngineError

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers

_LISTENING = re.compile(r"Web server listening at (\S+)")


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "inspect", __doc__, run)
    parser.add_argument("file", type=Path, metavar="FILE", help="a flow file or a HAR file")
    parser.add_argument(
        "--port", type=int, default=0, help="where mitmweb listens on 127.0.0.1 (a free one)"
    )
    parser.add_argument("--check", action="store_true", help="read the file, count, and end")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show the recording."""
    summary = summarise(args.file)
    if args.json:
        print_json(summary)
        return 0
    _print_summary(summary)
    return 0 if args.check else _serve(args.file, args.port)


def summarise(path: Path) -> dict[str, Any]:
    """Return the counts of a recording: flows, by method, by status, by route.

    Raises:
        EngineError: when the file cannot be read.
    """
    methods: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    routes: Counter[str] = Counter()
    for flow in read_flows(path):
        methods[flow.request.method] += 1
        statuses[str(flow.response.status_code) if flow.response else "broke off"] += 1
        routes[str(flow.metadata.get("route") or "no route")] += 1
    return {
        "file": str(path),
        "flows": methods.total(),
        "methods": dict(sorted(methods.items())),
        "statuses": dict(sorted(statuses.items())),
        "routes": dict(sorted(routes.items())),
    }


def _print_summary(summary: dict[str, Any]) -> None:
    print(f"{summary['file']}: {summary['flows']} flows")
    for heading in ("methods", "statuses", "routes"):
        rows = [(name, str(count)) for name, count in summary[heading].items()]
        if rows:
            console().print(table((heading[:-1], "flows"), rows))


def _serve(path: Path, port: int) -> int:
    """Run mitmweb from beside this interpreter until Ctrl-C; tell where as soon as it is up."""
    command = [
        str(Path(sys.executable).with_name("mitmweb")), "--rfile", str(path), "--no-server",
        "--no-web-open-browser", "--web-host", "127.0.0.1", "--web-port", str(port or _free_port()),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    said: list[str] = []
    try:
        mitmweb = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=environment,
        )  # fmt: skip
    except FileNotFoundError:
        raise EngineError(f"there is no {command[0]}; install mitmproxy beside strangler") from None
    with mitmweb:
        try:
            for line in mitmweb.stdout or ():
                said.append(line.strip())
                if found := _LISTENING.search(line):
                    print(f"{path} on {found[1]} ; Ctrl-C ends it", flush=True)
        except KeyboardInterrupt:
            return 0
        finally:
            mitmweb.terminate()
    raise EngineError(f"mitmweb ended by itself: {said[-1] if said else 'it said nothing'}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
