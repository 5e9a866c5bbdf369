"""Settings come from the environment; a bad one is refused with what to do about it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from monolith.config.databases import database_settings

ROOT = Path(__file__).resolve().parents[3]
OURS = ("SECRET_KEY", "DEBUG", "DATABASE_URL", "ALLOWED_HOSTS")


def manage(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=clean | {"DJANGO_SETTINGS_MODULE": "monolith.config.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def setting(name, **environment):
    shown = manage("diffsettings", "--all", **environment)
    assert shown.returncode == 0, shown.stderr
    lines = [line.removeprefix("### ") for line in shown.stdout.splitlines()]
    [line] = [line for line in lines if line.startswith(f"{name} = ")]
    return line.split(" = ", 1)[1]


def test_production_refuses_to_start_without_a_secret_key():
    refused = manage("check", DEBUG="false")
    assert refused.returncode == 2
    assert refused.stderr == (
        "error: SECRET_KEY is not set and DEBUG is off. Set SECRET_KEY to a long random value, or "
        "set DEBUG=true for a development shop.\n"
    )


def test_a_secret_key_turns_debug_off():
    assert setting("DEBUG", SECRET_KEY="x" * 50) == "False"
    assert setting("DEBUG") == "True"


def test_a_broken_database_url_is_refused():
    refused = manage("check", DATABASE_URL="mysql://root@db/shop")
    assert refused.returncode == 2
    assert "DATABASE_URL has the scheme 'mysql'" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_only_loopback_hosts_are_served_by_default():
    assert setting("ALLOWED_HOSTS") == "['localhost', '.localhost', '127.0.0.1', '[::1]']"
    assert setting("ALLOWED_HOSTS", ALLOWED_HOSTS="shop.test,www.shop.test") == (
        "['shop.test', 'www.shop.test']"
    )


def test_sqlite_queues_writers_and_gets_its_folder(tmp_path):
    settings = database_settings(f"sqlite:///{tmp_path}/deep/shop.sqlite3")
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in settings["OPTIONS"]["init_command"]
    assert (tmp_path / "deep").is_dir()


def test_postgres_gets_a_pool_and_keeps_the_urls_options():
    settings = database_settings("postgres://u:p@db:5433/shop?sslmode=require")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db", 5433, "shop")
    assert settings["CONN_MAX_AGE"] == 0
    assert settings["OPTIONS"]["pool"]["max_size"] == 8
    assert settings["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["mysql://root@db/shop", "oracle://x@y/z"])
def test_other_databases_are_refused(url):
    with pytest.raises(ImproperlyConfigured, match=r"allowed are sqlite:///path/to/file and"):
        database_settings(url)
