"""The HTTP transport against a real service process, and against servers that misbehave."""

import datetime as dt
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError

from strangler.client import failures
from strangler.client.service import Service
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.odd import operations as odd
from tests.client.providers import served
from tests.client.sites import free_port


@pytest.fixture(autouse=True)
def over_http(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have each test connect anew, by its own environment."""
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    yield
    odd.SERVICE.close()
    people_client.SERVICE.close()


@pytest.fixture
def odd_service(odd_url: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setenv("ODD_CLIENT_URL", odd_url + "/")
    return odd.SERVICE


def test_scalars_and_lists_arrive_as_their_types(odd_service):
    moment = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
    given = ("ä&=?", False, 1e300, Decimal("1.50"), moment, moment.date(),
             dt.timedelta(seconds=-1), uuid.UUID(int=7))  # fmt: skip
    assert odd.describe(*given) == repr((*given, None, None))
    assert odd.describe(*given, maybe=3) == repr((*given, 3, None))
    assert odd.describe("x" * 5000, *given[1:]).startswith("('xxx")
    assert odd.describe(*given, anything=[1, {"a": None}]) == repr((*given, None, [1, {"a": None}]))
    assert odd.total([Decimal("0.1"), Decimal("0.2")]) == Decimal("0.3")
    assert odd.nothing() is None


def test_what_the_owner_raises_keeps_its_meaning(odd_service):
    with pytest.raises(PermissionDenied, match="not yours"):
        odd.refuse()
    with pytest.raises(failures.TooManyIdsError, match=r"odd\.crowd at .* more than 1 ids"):
        odd.crowd()
    with pytest.raises(IntegrityError, match="UNIQUE"):
        odd.clash()
    with pytest.raises(ValidationError) as raised:
        odd.invalid()
    assert raised.value.message_dict == {"name": ["Too long."], "size": ["Too big.", "Odd."]}
    with pytest.raises(ValidationError) as raised:
        odd.several()
    assert raised.value.messages == ["First.", "Second."]
    with pytest.raises(ValueError, match="argument 'left' must be a whole number") as invalid:
        odd.SERVICE.call("add", left="x")
    assert isinstance(invalid.value, failures.InvalidArgumentError)


def test_what_it_does_not_mean_names_service_operation_url_and_status(odd_service, odd_url):
    with pytest.raises(failures.ServiceError) as raised:
        odd.boom()
    assert str(raised.value) == (
        f"odd.boom at {odd_url}/v1/boom answered 500: boom failed; the service's log says why"
    )
    assert (raised.value.service, raised.value.operation, raised.value.status) == (
        "odd", "boom", 500,
    )  # fmt: skip
    with pytest.raises(failures.ServiceError, match="not what the contract says: must be a whole"):
        odd.wrong()


def test_an_operation_the_service_has_not_is_a_refusal(odd_service, monkeypatch):
    monkeypatch.setattr(odd_service, "operations", __name__)
    with pytest.raises(failures.RefusedError, match=r"404: no operation .*ODD_CLIENT_URL"):
        odd_service.call("free_port")


def test_a_missing_row_over_http_is_does_not_exist(tmp_path, monkeypatch):
    monkeypatch.setenv("PEOPLE_CLIENT_TRANSPORT", "http")
    with served("people", tmp_path) as url:
        monkeypatch.setenv("PEOPLE_CLIENT_URL", url)
        with pytest.raises(people_client.Country.DoesNotExist, match="does not exist"):
            people_client.get_country(code="xx")
        with pytest.raises(ObjectDoesNotExist):
            people_client.get_country(code="xx")
        made = people_client.create_country(code="se", name="Sverige")
        assert (made, str(made)) == (people_client.get_country(code="se"), "Sverige")
        with pytest.raises(IntegrityError):
            people_client.create_country(code="se", name="again")
        assert people_client.get_countries_by_codes(codes=["se", "xx"]) == [made]
        assert people_client.first_user_by_email(email="nobody@example.com") is None


def test_a_token_is_sent_and_a_wrong_one_refused(tmp_path, monkeypatch):
    with served("odd", tmp_path, SERVICE_TOKEN="right") as url:
        monkeypatch.setenv("ODD_CLIENT_URL", url)
        with pytest.raises(failures.RefusedError, match=r"401.*ODD_CLIENT_TOKEN") as raised:
            odd.add(1)
        monkeypatch.setenv("ODD_CLIENT_TOKEN", "right")
        assert odd.add(1) == 2
        assert "right" not in str(raised.value)
        monkeypatch.setenv("ODD_CLIENT_TOKEN", "sécret\n")
        with pytest.raises(failures.MisconfiguredError, match="ODD_CLIENT_TOKEN must be print"):
            odd.add(1)


def test_nobody_there_is_unavailable_and_says_so(monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    with pytest.raises(
        failures.UnavailableError, match=r"no answer \(Connection refused\); does the service run"
    ):
        odd.add(1)


def test_a_number_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ODD_CLIENT_READ_TIMEOUT_S", "soon")
    with pytest.raises(
        failures.MisconfiguredError, match=r"ODD_CLIENT_READ_TIMEOUT_S must be a number .*'soon'"
    ):
        odd.add(1)


def test_a_slow_answer_is_given_up(odd_service, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_READ_TIMEOUT_S", "0.2")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    with pytest.raises(failures.UnavailableError, match="no answer"):
        odd.slow(5.0)


class Script(BaseHTTPRequestHandler):
    """Answers by the server's list of steps: a status, or "drop" the connection."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path, self.rfile.read(length)))
        step = self.server.steps.pop(0) if self.server.steps else 200
        if step == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        body = b"7" if step == 200 else self.server.error
        self.send_response(step)
        self.send_header("Content-Length", str(len(body)))
        if step == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Script)
    server.seen, server.steps, server.error = [], [], b"<html>gateway</html>"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("ODD_CLIENT_URL", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("trouble", [[503], [502, 504], ["drop"], ["drop", 503]])
@pytest.mark.parametrize("call", [lambda: odd.add(1), lambda: odd.total([])])
def test_a_read_is_tried_again(scripted, trouble, call):
    scripted.steps = list(trouble)
    assert call() == 7
    assert len(scripted.seen) == len(trouble) + 1


@pytest.mark.parametrize("trouble", [503, "drop"])
def test_a_write_that_was_sent_is_never_sent_again(scripted, trouble):
    scripted.steps = [trouble]
    with pytest.raises(failures.UnavailableError):
        odd.append("x")
    assert len(scripted.seen) == 1
    assert scripted.seen[0] == ("POST", "/v1/append", b'{"word":"x"}')


def test_a_read_that_goes_on_failing_tells_the_status(scripted):
    scripted.steps = [503] * 9
    with pytest.raises(failures.UnavailableError, match="answered 503: what answers is not this"):
        odd.add(1)
    assert len(scripted.seen) == 3


def test_redirects_are_not_followed_with_the_token(scripted):
    scripted.steps = [302]
    with pytest.raises(failures.ServiceError, match="answered 302"):
        odd.add(1)


def test_an_error_page_of_something_else_is_no_does_not_exist(scripted):
    scripted.steps = [404]
    with pytest.raises(failures.RefusedError, match="what answers is not this service"):
        odd.add(1)


def test_a_connection_is_kept(scripted, monkeypatch):
    opened = []
    original = scripted.get_request
    monkeypatch.setattr(scripted, "get_request", lambda: opened.append(1) or original())
    for _ in range(5):
        assert odd.add(1) == 7
    assert len(opened) == 1


def test_proxies_of_the_environment_are_not_used(odd_service, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    assert odd.add(1) == 2
