"""A service that was lifted out of a foreign checkout, started and asked.

folder ─> manage.py: check, migrate, makemigrations --check ─> granian ─> probes, operations
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import requests

from tests.servers.shop import ServerFailed, ServerProcess, free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from tests.bench.foreign_run.workplace import Workplace

    Said = dict[str, Any]

TIMEOUT_S = 300
TOLD_CHARACTERS = 1500
EXAMPLES: dict[str, Any] = {"integer": 1, "string": "1", "boolean": True, "number": 1.0}


@dataclass(frozen=True)
class Checked:
    """One thing that was checked, whether it holds, and what was said."""

    what: str
    holds: bool
    told: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def checks(place: Workplace, folder: Path, service: str) -> Iterator[Checked]:
    """Yield each check of a service; what depends on one that failed is not tried."""
    package = f"{folder.name}_service"
    environment = place.environment(
        DATABASE_URL=f"sqlite:///{place.folder / 'service.sqlite3'}",
        SECRET_KEY="not-a-secret-of-anybody",
        ALLOWED_HOSTS="127.0.0.1",
        DJANGO_SETTINGS_MODULE=f"{package}.settings",
    )
    (place.folder / "service.sqlite3").unlink(missing_ok=True)
    for words in (
        ("check",), ("migrate", "--verbosity", "0"), ("makemigrations", "--check", "--dry-run"),
    ):  # fmt: skip
        done = subprocess.run(
            [place.python, "manage.py", *words], cwd=folder, env=environment,
            capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
        )  # fmt: skip
        told = (done.stderr.strip() or done.stdout.strip())[-TOLD_CHARACTERS:]
        yield Checked(f"manage.py {words[0]}", done.returncode == 0, told)
    port = free_port()
    server = ServerProcess(
        name=service,
        command=[
            place.python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(port), "--no-ws", f"{package}.wsgi:application",
        ],
        cwd=folder,
        environment=environment,
        log=place.folder / "service.log",
        probe_url=f"http://127.0.0.1:{port}/healthz",
    )  # fmt: skip
    try:
        with running(server):
            yield from _answers(f"http://127.0.0.1:{port}", folder, service)
    except ServerFailed as error:
        yield Checked("it starts", holds=False, told=str(error)[-TOLD_CHARACTERS:])


def _answers(url: str, folder: Path, service: str) -> Iterator[Checked]:
    for probe in ("healthz", "readyz", "metrics"):
        answer = requests.get(f"{url}/{probe}", timeout=30)
        yield Checked(f"GET /{probe}", answer.ok, "" if answer.ok else answer.text)
    contract = json.loads((folder / f"contracts/{service}.json").read_text())
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            yield _asked(f"{url}/internal{path}", method, operation)


def _asked(url: str, method: str, operation: dict[str, Any]) -> Checked:
    """Call an operation: right is an answer, or the contract's word for a row that is not there."""
    if method == "get":
        given = {one["name"]: _example(one["schema"]) for one in operation.get("parameters", ())}
        answer = requests.get(url, params=_texts(given), timeout=30)
    else:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        given = {name: _example(one) for name, one in schema["properties"].items()}
        answer = requests.post(url, json=given, timeout=30)
    holds = answer.ok or _code(answer) in {"does_not_exist", "integrity_error", "raised"}
    return Checked(
        f"{method.upper()} {operation['operationId']}", holds, f"{answer.status_code} {answer.text}"
    )


def _example(schema: dict[str, Any]) -> Any:
    for one in (schema, *schema.get("anyOf", ())):
        kind = one.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "array":
            return [_example(one.get("items", {}))]
        if kind == "object":
            return {}
        if one.get("format") == "date-time":
            return "2026-01-31T09:00:00+00:00"
        if one.get("format") == "date":
            return "2026-01-31"
        if kind in EXAMPLES:
            return EXAMPLES[kind]
    return "1"


def _texts(given: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _code(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def show(console: Console, said: Said, found: list[Checked]) -> None:
    """Print what was taken along, what is in the way, and each check."""
    console.print(
        f"{said['service']}: {len(said['moved'])} files moved, {len(said['copied'])} copied,"
        f" {len(said['tables'])} tables, {len(said['left'])} left, {len(said['blockers'])} blockers"
    )
    for kind in ("blockers", "problems", "notes"):
        for one in said[kind]:
            told = one if isinstance(one, str) else f"{one['path']}:{one['line']} {one['what']}"
            console.print(f"  {kind[:-1]}: {told}", markup=False)
    for check in found:
        mark = "ok  " if check.holds else "NOT "
        console.print(f"  {mark} {check.what}", markup=False)
        if not check.holds:
            console.print(f"       {check.told}", markup=False)
    console.print(f"{sum(check.holds for check in found)} of {len(found)} hold")
