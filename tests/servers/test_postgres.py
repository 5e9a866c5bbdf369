"""The PostgreSQL of the tests: real, private, and gone afterwards."""

import psycopg
import pytest

from tests.servers.postgres import running_postgres

pytestmark = pytest.mark.postgres


def test_starts_answers_and_leaves_nothing_behind():
    with running_postgres() as server:
        url = server.create_database("shop")
        with psycopg.connect(url) as connection:
            version, wal_level = connection.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('wal_level')"
            ).fetchone()
        assert version >= 160000
        assert wal_level == "logical"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url().replace(server.password, "wrong"))
    assert not server.data_dir.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url(), connect_timeout=2)


def test_stops_when_the_tests_are_interrupted():
    def interrupted():
        with running_postgres() as server:
            seen.append(server)
            raise KeyboardInterrupt

    seen = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not seen[0].data_dir.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(seen[0].url(), connect_timeout=2)
