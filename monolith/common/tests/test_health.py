import pytest
from django.db import DatabaseError, connection


def test_liveness_answers_without_touching_the_database(client, django_assert_num_queries):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response["Content-Type"] == "text/plain"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readiness_asks_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_readiness_says_503_when_the_database_does_not_answer(client):
    def broken(*args):
        raise DatabaseError("gone")

    with connection.execute_wrapper(broken):
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database unreachable")


def test_probes_refuse_writes(client):
    assert client.post("/healthz").status_code == 405
