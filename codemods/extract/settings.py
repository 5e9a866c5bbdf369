"""The settings of a service: the monolith's, copied, and what differs where it runs alone."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

from codemods.contract.layout import formatted
from codemods.extract import wiring
from codemods.extract.facts import MOVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.extract.facts import ServiceFacts, SettingCut

ACCOUNTS = ("auth", "contenttypes", "sessions")  # what Django keeps beside the user model
READ_HERE = {
    "SECRET_KEY": "{}",
    "DEBUG": "{}.lower() in ('1', 'true', 'yes', 'on')",
    "ALLOWED_HOSTS": "[one.strip() for one in {}.split(',') if one.strip()]",
}
NO_OPTIONS_BEFORE = (5, 1)  # transaction_mode, init_command and pool came with Django 5.1


def render(facts: ServiceFacts) -> str:
    """Return the text of the glue's `settings.py`."""
    parts = [
        _head(facts),
        _list("INSTALLED_APPS", wiring.installed(facts)),
        _list("MIDDLEWARE", wiring.middleware(facts)),
        _entry_points(facts),
        _read_here(facts),
        _databases(facts),
        wiring.services(facts),
        wiring.accounts(facts),
        *map(_cut, _last_first(facts.cuts)),
        wiring.logging(facts),
    ]
    return formatted("\n\n".join(filter(None, parts)) + "\n")


def databases(facts: ServiceFacts) -> dict[str, str]:
    """Return the words of `databases.py.txt`: options that the service's Django knows."""
    version = tuple(int(part) for part in facts.django.split(".")[:2])
    if version < NO_OPTIONS_BEFORE:
        return {"sqlite_options": '{"timeout": 20}', "postgres_options": "{}"}
    pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;"
    return {
        "sqlite_options": "{\n"
        "    # Writers queue at BEGIN instead of failing half way, when a read lock cannot be"
        " upgraded.\n"
        '    "transaction_mode": "IMMEDIATE",\n    "timeout": 20,\n'
        f'    "init_command": "{pragmas}",\n}}',
        "postgres_options": '{"pool": {"min_size": 1, "max_size": 8, "timeout": 10}}',
    }


def _head(facts: ServiceFacts) -> str:
    imported = [f"from {facts.settings} import *  # noqa: F403"]
    if facts.has_models:
        imported += [f"from {facts.package}.databases import database_settings"]
    lines = [
        f'"""Settings of the {facts.name} service: the monolith\'s, and what differs alone.',
        "",
        f"`{facts.settings}` is copied as it is, so every setting means what it meant there.",
        '"""',
        "",
        "import os",
        *(["from pathlib import Path", "", "import environ", ""] if facts.has_models else [""]),
        *(
            f"os.environ.setdefault({dumps(name)}, {dumps(value)})"
            for name, value in facts.environment
        ),
        *([""] if facts.environment else []),
        *imported,
    ]
    return "\n".join(lines)


def _entry_points(facts: ServiceFacts) -> str:
    return (
        f'ROOT_URLCONF = "{facts.package}.urls"\n'
        f'WSGI_APPLICATION = "{facts.package}.wsgi.application"'
    )


def _read_here(facts: ServiceFacts) -> str:
    """Return what reads the variables that each service has, and that the monolith never asks for.

    A value that stands in its settings is of one place; a service runs at several.
    """
    lines = [
        f"if {name!r} in os.environ:\n    {name} = {read.format(f'os.environ[{name!r}]')}"
        for name, read in READ_HERE.items()
        if name not in facts.variables
    ]
    return "\n".join(["# The monolith's settings do not read these.", *lines]) if lines else ""


def _list(name: str, values: Iterable[str]) -> str:
    return f"{name} = [" + "".join(f'"{value}",' for value in values) + "]"


def _databases(facts: ServiceFacts) -> str:
    if not facts.has_models:
        return "# This service has no tables.\nDATABASES = {}"
    return "\n".join(
        [
            "_VAR = Path(__file__).resolve().parents[1] / 'var'",
            "DATABASE_URL = environ.Env().str(",
            f"    'DATABASE_URL', default=f\"sqlite:///{{_VAR / '{facts.word}.sqlite3'}}\"",
            ")",
            'DATABASES = {"default": database_settings(DATABASE_URL)}',
            "if 'MONOLITH_DATABASE_URL' in os.environ:  # where `manage.py copy_tables` reads",
            "    _there = database_settings(os.environ['MONOLITH_DATABASE_URL'])",
            "    DATABASES['monolith'] = {**_there, 'OPTIONS': {}}",
            f"STRANGLER_OWNED = {_owned(facts)!r}  # apps whose tables `copy_tables` fills",
            *_replicas(facts),
        ]
    )


def _owned(facts: ServiceFacts) -> list[str]:
    """Return the labels of apps whose rows leave with the service: its own, and the accounts'."""
    of_accounts = {*ACCOUNTS, *(label.partition(".")[0] for label in facts.user_tables)}
    return [
        app.label
        for app in facts.installed
        if app.kind == MOVED or (facts.owns_accounts and app.label in of_accounts)
    ]


def _replicas(facts: ServiceFacts) -> list[str]:
    if not facts.replicas:
        return ["DATABASE_ROUTERS = []"]
    return [
        "# Copies of other services' tables, to read: see the README.",
        f"STRANGLER_REPLICAS = {list(facts.replicas)!r}",
        'DATABASE_ROUTERS = ["strangler.client.replicas.router.ReplicaRouter"]',
    ]


def _last_first(cuts: Iterable[SettingCut]) -> list[SettingCut]:
    """Return cuts so that one in a list moves no other that is still to come."""
    return sorted(
        cuts,
        key=lambda cut: [f"{part:09}" if isinstance(part, int) else part for part in cut.path],
        reverse=True,
    )


def _cut(cut: SettingCut) -> str:
    first, *rest = cut.path
    return f"del {first}" + "".join(f"[{part!r}]" for part in rest) + f"  # {cut.value}"
