"""The parts of the documentation that are made from the code."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from codemods.cli import build_parser as build_codemods_parser
from codemods.crossings.crossing import KINDS
from codemods.transforms import transforms
from strangler.cli import build_parser
from strangler.client import metrics, options
from strangler.policy import document
from strangler.policy.model import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel


def commands() -> str:
    """Return the table of the `strangler` commands."""
    return _table(build_parser())


def codemods_commands() -> str:
    """Return the table of the `codemods` commands."""
    return _table(build_codemods_parser())


def _table(parser: argparse.ArgumentParser) -> str:
    action = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    rows = [
        f"| `{parser.prog} {choice.dest}` | {(choice.help or '').rstrip('.')} |"
        for choice in action._choices_actions
    ]
    return "\n".join(["| Command | What it does |", "|---|---|", *rows, ""])


def crossing_kinds() -> str:
    """Return the table of the kinds of crossing, with what to do about each."""
    rows = [f"| `{name}` | {kind.title} | {kind.advice} |" for name, kind in KINDS.items()]
    return "\n".join(["| Kind | What is there | Instead |", "|---|---|---|", *rows, ""])


def transform_table() -> str:
    """Return the table of the transforms of `codemods rewrite`."""
    rows = [
        f"| `{name}` | {(module.__doc__ or '').splitlines()[0]} |"
        for name, module in transforms().items()
    ]
    return "\n".join(["| Transform | What it does |", "|---|---|", *rows, ""])


def policy_keys() -> str:
    """Return the table of every key of `strangler.toml` with its default."""
    tables: dict[str, type[BaseModel]] = {
        "proxy": document.ProxyTable,
        "upstreams.NAME": document.UpstreamTable,
        "upstreams.NAME.health": document.HealthTable,
        "upstreams.NAME.outlier": document.OutlierTable,
        "switches.NAME": document.SwitchTable,
        "routes.NAME": document.RouteTable,
        "routes.NAME.overrides": document.OverrideTable,
        "routes.NAME.compare": document.CompareTable,
    }
    lines = ["| Table | Key | Default | |", "|---|---|---|---|"]
    for name, table in tables.items():
        for key, field in table.model_fields.items():
            default = (
                "required"
                if field.is_required()
                else _shown(field.get_default(call_default_factory=True))
            )
            lines.append(f"| `{name}` | `{key}` | {default} | {field.description or ''} |")
    return "\n".join([*lines, ""])


def _shown(value: object) -> str:
    if isinstance(value, Stage):
        value = value.value
    if value is None or isinstance(value, document._Table):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`".replace("'", '"')


def client_variables() -> str:
    """Return the table of the client's environment variables."""
    lines = ["| Variable | Default | | By operation | Read |", "|---|---|---|---|---|"]
    for variable in options.VARIABLES.values():
        operation = variable.full_name("users", "get_user") if variable.is_by_operation else ""
        lines.append(
            f"| `{variable.full_name('users')}` | {_shown(variable.default or None)} "
            f"| {variable.meaning} | {operation and f'`{operation}`'} "
            f"| {'each call' if variable.is_read_at_each_call else 'once'} |"
        )
    for name, meaning in options.SHARED.items():
        lines.append(f"| `{name}` | | {meaning} | | each call |")
    return "\n".join([*lines, ""])


def client_metrics() -> str:
    """Return the table of the client's metrics."""
    rows = [
        f"| `{family.name}` | {family.kind} | {family.about} | {', '.join(family.labels)} |"
        for family in metrics.FAMILIES
        if family.name.startswith(("strangler_client", "strangler_served"))
    ]
    return "\n".join(["| Name | Kind | | Labels |", "|---|---|---|---|", *rows, ""])


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "codemods-commands": codemods_commands,
    "crossing-kinds": crossing_kinds,
    "transforms": transform_table,
    "policy-keys": policy_keys,
    "client-variables": client_variables,
    "client-metrics": client_metrics,
}
