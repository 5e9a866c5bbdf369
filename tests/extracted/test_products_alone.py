"""The products service's own tests pass in its own folder, with nothing of the monolith's."""

import subprocess
import sys

import pytest

from tests.servers.shop import SERVICE_DIR, clean_environment, run_manage

PYTEST = [sys.executable, "-m", "pytest", "-q"]


@pytest.fixture
def environment(tmp_path):
    return clean_environment(DATABASE_URL=f"sqlite:///{tmp_path / 'own.sqlite3'}")


def test_own_tests_pass(environment):
    done = subprocess.run(
        PYTEST, cwd=SERVICE_DIR, env=environment, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_migrations_match_the_models(environment):
    run_manage(SERVICE_DIR, environment, "makemigrations", "--check", "--dry-run")


def test_broken_settings_are_told_in_one_line(environment):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=SERVICE_DIR,
        env=environment | {"DATABASE_URL": "mysql://host/name"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: DATABASE_URL has the scheme 'mysql'")
    assert "Traceback" not in done.stderr


def test_source_imports_nothing_of_the_monolith_nor_of_the_framework_but_the_client():
    lines = [
        f"{path.name}: {line.strip()}"
        for path in SERVICE_DIR.rglob("*.py")
        for line in path.read_text().splitlines()
        if line.strip().startswith(("import ", "from "))
    ]
    foreign = [line for line in lines if " monolith" in line or " strangler" in line]
    assert foreign == ["apps.py: from strangler.client.registration import register_on_start"]
