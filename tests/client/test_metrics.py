"""What is counted reads as Prometheus text, for whoever may see it."""

import re
import threading

import pytest
from django.test import RequestFactory

from strangler.client import metrics


@pytest.fixture(autouse=True)
def from_zero():
    metrics.clear()
    yield
    metrics.clear()


def test_every_line_is_of_the_format():
    metrics.CALLS.add("users", 'o"d\\d\n', "http", "ok")
    metrics.CALL_SECONDS.observe(0.02, "users", "get_user", "http")
    lines = metrics.text().splitlines()
    for line in lines:
        assert line.startswith(("# HELP ", "# TYPE ")) or re.fullmatch(
            r"\S+(\{.*\})? [\d.e+]+", line
        )
    assert (
        'strangler_client_calls_total{service="users",operation="o\\"d\\\\d\\n",' in metrics.text()
    )
    assert len({line for line in lines if line.startswith("# TYPE")}) == len(
        [line for line in lines if line.startswith("# TYPE")]
    )


def test_a_histogram_counts_up_to_all_and_adds_up():
    for seconds in (0.0005, 0.02, 0.02, 99):
        metrics.CALL_SECONDS.observe(seconds, "users", "get_user", "http")
    text = metrics.text()
    of = 'service="users",operation="get_user",transport="http"'
    named = f"strangler_client_call_seconds_bucket{{{of},le="
    assert f'{named}"0.001"}} 1\n' in text
    assert f'{named}"0.025"}} 3\n' in text
    assert f'{named}"10"}} 3\n' in text
    assert f'{named}"+Inf"}} 4\n' in text
    assert re.search(r"call_seconds_sum\{.*\} 99\.0405", text)
    assert re.search(r"call_seconds_count\{.*\} 4\n", text)


def test_nothing_is_lost_between_threads():
    threads = [
        threading.Thread(target=lambda: [metrics.RETRIES.add("a", "b") for _ in range(500)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metrics.RETRIES.value("a", "b") == 2000


def test_the_view_lets_in_who_may_call(monkeypatch):
    metrics.RETRIES.add("users", "get_user")
    ask = RequestFactory()
    answered = metrics.view(ask.get("/metrics", HTTP_HOST="localhost"))
    assert answered["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'strangler_client_retries_total{service="users",operation="get_user"} 1' in (
        answered.content.decode()
    )
    assert metrics.view(ask.get("/metrics", HTTP_HOST="shop.example")).status_code == 403
    monkeypatch.setenv("SERVICE_TOKEN", "scrape")
    assert metrics.view(ask.get("/metrics", HTTP_HOST="localhost")).status_code == 401
    allowed = ask.get("/metrics", HTTP_AUTHORIZATION="Bearer scrape", HTTP_HOST="shop.example")
    assert metrics.view(allowed).status_code == 200


def test_labels_that_go_on_and_on_are_counted_under_one_name():
    for number in range(metrics.MAX_SERIES + 50):
        metrics.RETRIES.add("users", f"operation-{number}")
    assert metrics.RETRIES.value(*(metrics.FURTHER,) * 2) == 50
    assert metrics.text().count("strangler_client_retries_total{") == metrics.MAX_SERIES + 1
