"""A served provider, asked by anybody: a real granian process, and Django's own URLs."""

import http.client
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.urls import include, path

from strangler.client import serving
from strangler.client.admission import is_loopback, refused
from tests.client.providers import served

ODD = "tests.client.divertsite.odd.provider"
DESCRIBE = {
    "text": "ä & b=c",
    "flag": "true",
    "ratio": "0.5",
    "price": "1.50",
    "moment": "2026-01-31T09:00:00+00:00",
    "day": "2026-01-31",
    "span": "P1DT00H00M00S",
    "key": "00000000-0000-0000-0000-000000000007",
}


def error(response: requests.Response) -> tuple[int, str, str]:
    told = response.json()
    assert set(told) == {"error"}
    return response.status_code, told["error"]["code"], told["error"]["message"]


def test_reads_are_answered_by_get_and_by_post(odd_url):
    assert requests.get(f"{odd_url}/v1/add?left=2", timeout=5).json() == 3
    posted = requests.post(f"{odd_url}/v1/add", json={"left": 2, "right": 5}, timeout=5)
    assert (posted.json(), posted.headers["Content-Type"]) == (7, "application/json")
    assert posted.headers["Cache-Control"] == "no-store"
    assert requests.post(f"{odd_url}/v1/total", json={"numbers": ["1.5", 2]}, timeout=5).json() == (
        "3.5"
    )
    assert requests.get(f"{odd_url}/v1/nothing", timeout=5).json() is None
    told = requests.get(f"{odd_url}/v1/describe", params=DESCRIBE, timeout=5).json()
    assert "'ä & b=c', True, 0.5, Decimal('1.50'), datetime.datetime(2026, 1, 31, 9, 0," in told


def test_writes_are_answered_by_post_only(odd_url):
    answered = requests.get(f"{odd_url}/v1/append?word=x", timeout=5)
    assert error(answered) == (405, "method_not_allowed", "append is called by POST")
    assert answered.headers["Allow"] == "POST"
    assert requests.post(f"{odd_url}/v1/append", json={"word": "x"}, timeout=5).json() == 1
    assert error(requests.delete(f"{odd_url}/v1/add", timeout=5))[:2] == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "name", ["missing", "_secret", "time", "add/", "add/x", "values", "%2e%2e", "READS"]
)
def test_what_is_no_operation_is_not_found(odd_url, name):
    answered = requests.get(f"{odd_url}/v1/{name}", timeout=5)
    assert error(answered)[:2] == (404, "unknown_operation")


def test_other_paths_are_not_found(odd_url):
    for path_ in ("/", "/v1", "/v2/add", "/admin/"):
        assert error(requests.get(odd_url + path_, timeout=5))[0] == 404


def test_every_problem_with_arguments_is_told_at_once(odd_url):
    status, code, message = error(
        requests.get(f"{odd_url}/v1/describe?text=a&flag=maybe&colour=red", timeout=5)
    )
    assert (status, code) == (400, "invalid_argument")
    for part in (
        "unknown argument 'colour'",
        "argument 'flag' must be true or false, got 'maybe'",
        "argument 'price' is missing",
        "it takes text, flag, ratio",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("body", "kind", "complaint"),
    [
        (b"{", "application/json", "the body is not JSON"),
        (b"\xff\xfe", "application/json", "the body is not JSON"),
        (b"[1]", "application/json", "must be a JSON object"),
        (
            b'{"left": 1}',
            "text/plain",
            "the content type must be application/json, got 'text/plain'",
        ),
        (b'{"left": 1}', "", "the content type must be application/json, got 'none'"),
        (b"", "application/json", "argument 'left' is missing"),
        (b'{"left": "x"}', "application/json", "argument 'left' must be a whole number, got 'x'"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(odd_url, body, kind, complaint):
    answered = requests.post(
        f"{odd_url}/v1/add", data=body, headers={"Content-Type": kind}, timeout=5
    )
    status, code, message = error(answered)
    assert (status, code) == (400, "invalid_argument")
    assert complaint in message


def test_an_argument_given_twice_is_refused(odd_url):
    assert "given twice" in error(requests.get(f"{odd_url}/v1/add?left=1&left=2", timeout=5))[2]


def test_a_body_that_is_too_large_is_refused_unread(odd_url):
    host = urlsplit(odd_url)
    connection = http.client.HTTPConnection(host.hostname, host.port, timeout=5)
    connection.putrequest("POST", "/v1/add")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(3_000_000))
    connection.endheaders()
    answered = connection.getresponse()
    assert (answered.status, json.loads(answered.read())["error"]["code"]) == (413, "too_large")
    connection.close()


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refuse", 403, "permission_denied"),
        ("invalid", 400, "validation_error"),
        ("clash", 409, "integrity_error"),
        ("crowd", 422, "too_many_ids"),
        ("boom", 500, "internal_error"),
        ("unsendable", 500, "internal_error"),
    ],
)
def test_errors_have_one_shape_and_no_traceback(odd_url, name, status, code):
    answered = requests.get(f"{odd_url}/v1/{name}", timeout=5)
    assert error(answered)[:2] == (status, code)
    assert not re.search(r"Traceback|secret detail|\.py", answered.text)


def test_without_a_token_only_direct_callers_on_this_machine_are_answered(odd_url):
    for headers in (
        {"X-Forwarded-For": "198.51.100.7"},
        {"Forwarded": "for=198.51.100.7"},
        {"Host": "shop.example"},
        {"Host": "rebound.example:80"},
    ):
        answered = requests.get(f"{odd_url}/v1/add?left=1", headers=headers, timeout=5)
        assert error(answered)[:2] == (403, "forbidden"), headers
    for host in ("localhost:1", "127.0.0.1", "[::1]:80"):
        answered = requests.get(f"{odd_url}/v1/add?left=1", headers={"Host": host}, timeout=5)
        assert answered.json() == 2


def test_a_token_that_no_header_can_carry_lets_nobody_in(tmp_path: Path):
    with served("odd", tmp_path, SERVICE_TOKEN="sécret") as url:
        status, _, message = error(requests.get(f"{url}/v1/add?left=1", timeout=5))
        assert (status, message) == (401, "SERVICE_TOKEN must be ASCII, as headers are")


def test_with_a_token_only_who_sends_it_is_answered(tmp_path: Path):
    with served("odd", tmp_path, SERVICE_TOKEN="s3cret") as url:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
            refused = requests.get(f"{url}/v1/add?left=1", headers=headers, timeout=5)
            assert error(refused)[:2] == (401, "unauthorized")
            assert refused.headers["WWW-Authenticate"] == "Bearer"
            assert "s3cret" not in refused.text
        answered = requests.get(
            f"{url}/v1/add?left=1",
            headers={
                "Authorization": "Bearer s3cret",
                "X-Forwarded-For": "198.51.100.7",
            },
            timeout=5,
        )
        assert answered.json() == 2


def test_a_token_is_exchanged_without_a_refused_call(monkeypatch):
    """First the next one is let in too, then it is the token, then the other is dropped."""

    def let_in(token: str) -> bool:
        sent = {"HTTP_AUTHORIZATION": f"Bearer {token}", "REMOTE_ADDR": "198.51.100.7"}
        return refused(sent) is None

    for tokens, allowed in (
        (("one", ""), {"one"}),
        (("one", "two"), {"one", "two"}),
        (("two", "one"), {"one", "two"}),
        (("two", ""), {"two"}),
        (("", "two"), {"two"}),
    ):
        monkeypatch.setenv("SERVICE_TOKEN", tokens[0])
        monkeypatch.setenv("SERVICE_TOKEN_ALSO", tokens[1])
        assert {token for token in ("one", "two", "", "guess") if let_in(token)} == allowed


urlpatterns = [path("internal/", include(serving.urls(ODD)))]


@pytest.fixture
def project(settings):
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["*"]


def test_operations_are_answered_whatever_csrf_says(project):
    client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    assert client.get("/internal/v1/add?left=1").json() == 2
    posted = client.post("/internal/v1/add", {"left": 2}, content_type="application/json")
    assert (posted.status_code, posted.json()) == (200, 3)
    refused = client.get("/internal/v1/append?word=x")
    assert (refused.status_code, refused["Allow"]) == (405, "POST")


def test_who_may_not_call_is_refused_before_the_body_is_read(project):
    answered = Client(REMOTE_ADDR="198.51.100.7", HTTP_HOST="localhost").post(
        "/internal/v1/add", b"x" * 3_000_000, content_type="application/json"
    )
    assert answered.status_code == 403
    answered = Client(HTTP_HOST="localhost").post(
        "/internal/v1/add", b"x" * 3_000_000, content_type="application/json"
    )
    assert (answered.status_code, answered.json()["error"]["code"]) == (413, "too_large")


def test_a_provider_that_is_not_whole_never_starts():
    with pytest.raises(AttributeError, match="WRITES"):
        serving.application("tests.client.sites")


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("LocalHost", True),
        ("10.0.0.1", False), ("", False), ("localhost.example", False), ("0.0.0.0", False),
        ("::ffff:10.0.0.1", False),
    ],
)  # fmt: skip
def test_loopback_is_this_machine_only(host, is_ours):
    assert is_loopback(host) is is_ours
