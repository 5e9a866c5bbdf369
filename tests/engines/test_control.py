import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from strangler.engines.control import ControlServer
from strangler.engines.registry import Registry
from strangler.errors import EngineError
from strangler.policy.model import Address

LOOPBACK = Address("127.0.0.1", 0)
REGISTRATION = {"upstream": "products", "address": "127.0.0.1:9001", "id": "a"}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry.json", ttl_s=9)


def server(registry: Registry, *, address: Address = LOOPBACK, token: str = "") -> ControlServer:
    return ControlServer(
        registry, address, status=lambda: {"engine": "envoy"}, upstreams=lambda: ["products"],
        token=token,
    )  # fmt: skip


@pytest.fixture
def control(registry: Registry) -> Iterator[ControlServer]:
    running = server(registry)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def url(control: ControlServer) -> str:
    return f"{control.url}/v1/instances"


def message(response: requests.Response) -> str:
    assert response.headers["Content-Type"] == "application/json"
    return response.json()["error"]["message"]


def test_an_instance_joins_beats_and_leaves(url, registry):
    answer = requests.post(url, json={**REGISTRATION, "version": "1.2", "pid": 7}, timeout=5)
    assert answer.status_code == 201
    assert (answer.json()["ttl_s"], answer.json()["beat_s"]) == (9, 3)
    assert registry.instances() == {"products": (Address("127.0.0.1", 9001),)}
    assert requests.put(f"{url}/a", timeout=5).json() == {"ttl_s": 9, "beat_s": 3}
    (listed,) = requests.get(url, timeout=5).json()["instances"]
    assert (listed["version"], listed["pid"], listed["address"]) == ("1.2", 7, "127.0.0.1:9001")
    assert 0 < listed["expires_in_s"] <= 9
    assert requests.delete(f"{url}/a", timeout=5).status_code == 200
    assert registry.instances() == {}


def test_an_instance_without_an_id_gets_one(url):
    answer = requests.post(
        url, json={"upstream": "products", "address": "[::1]:9001", "ttl_s": 60}, timeout=5
    ).json()
    assert answer["ttl_s"] == 60
    assert requests.put(f"{url}/{answer['instance']['id']}", timeout=5).status_code == 200


def test_who_is_not_there_gets_404_for_beat_and_leave(url):
    assert "register it again" in message(requests.put(f"{url}/a", timeout=5))
    assert requests.put(f"{url}/a", timeout=5).status_code == 404
    assert requests.delete(f"{url}/a", timeout=5).status_code == 404


def test_status_is_what_the_supervisor_tells(control):
    answer = requests.get(f"{control.url}/v1/status", timeout=5)
    assert answer.json() == {"engine": "envoy"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({**REGISTRATION, "upstream": "product"}, 422, "did you mean products?"),
        ({**REGISTRATION, "address": "nowhere"}, 400, 'write "host:port"'),
        ({**REGISTRATION, "id": "../etc"}, 400, "id:"),
        ({**REGISTRATION, "ttl_s": 0}, 400, "ttl_s:"),
        ({**REGISTRATION, "wieght": 3}, 400, "wieght:"),
        ({"upstream": "products", "pid": "x"}, 400, "address: Field required; pid:"),
        ([], 400, "body:"),
    ],
)
def test_a_wrong_registration_is_told_what_is_wrong(url, registry, body, status, told):
    answer = requests.post(url, json=body, timeout=5)
    assert answer.status_code == status
    assert told in message(answer)
    assert registry.instances() == {}


def test_a_web_page_is_refused(url, registry):
    answer = requests.post(
        url, json=REGISTRATION, headers={"Origin": "http://127.0.0.1:8000"}, timeout=5
    )
    assert answer.status_code == 403
    assert registry.instances() == {}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8081", "127.0.0.1.evil.example", ""]
)
def test_a_name_that_is_not_loopback_is_refused(url, host):
    answer = requests.get(url, headers={"Host": host}, timeout=5)
    assert answer.status_code == 403
    assert "Host" in message(answer)


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"])
def test_any_loopback_name_and_port_is_let_in_as_a_tunnel_may_change_them(url, host):
    assert requests.get(url, headers={"Host": host}, timeout=5).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_counts_as_a_body(url, kind):
    headers = {"Content-Type": kind} if kind else {}
    answer = requests.post(url, data=json.dumps(REGISTRATION).encode(), headers=headers, timeout=5)
    assert answer.status_code == 415


def raw(url: str, data: bytes) -> bytes:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(data)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 100000\r\n", b" 413 "),
        (b"Content-Length: -1\r\n", b" 411 "),
        (b"Transfer-Encoding: chunked\r\n", b" 411 "),
    ],
)
def test_a_body_too_large_or_of_unknown_size_is_not_read(url, head, status):
    head += b"Host: localhost\r\nContent-Type: application/json\r\n\r\n"
    assert status in raw(url, b"POST /v1/instances HTTP/1.1\r\n" + head).split(b"\r\n")[0]


def test_garbage_is_answered_in_json(url):
    assert b'{"error": {"status": 400' in raw(url, b"GARBAGE\r\n\r\n")
    answer = raw(url, b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b'{"error": {"status": 501' in answer


def test_a_wrong_method_and_a_wrong_path_are_told(control, url):
    answer = requests.patch(url, timeout=5)
    assert answer.status_code == 405
    assert "takes GET and POST, not PATCH" in message(answer)
    assert requests.get(f"{control.url}/v2", timeout=5).status_code == 404


def test_a_status_that_fails_is_a_500_without_its_reason(registry):
    running = ControlServer(registry, LOOPBACK, status=lambda: {"x": 1 // 0}, upstreams=list)
    running.start()
    try:
        answer = requests.get(f"{running.url}/v1/status", timeout=5)
    finally:
        running.stop()
    assert answer.status_code == 500
    assert "division" not in answer.text


def test_one_connection_serves_many_beats(control, url):
    requests.post(url, json=REGISTRATION, timeout=5)
    parts = urlsplit(control.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    connection.connect()
    port = connection.sock.getsockname()[1]
    for _ in range(5):
        connection.request("PUT", "/v1/instances/a")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
        assert connection.sock.getsockname()[1] == port
    connection.close()


def test_with_a_token_every_request_must_carry_it(registry, monkeypatch):
    monkeypatch.setenv("STRANGLER_CONTROL_TOKEN", "s3cret")
    running = ControlServer(registry, LOOPBACK, status=dict, upstreams=lambda: ["products"])
    running.start()
    try:
        url = f"{running.url}/v1/instances"
        assert requests.get(url, timeout=5).status_code == 401
        wrong = {"Authorization": "Bearer s3cre"}
        assert requests.post(url, json=REGISTRATION, headers=wrong, timeout=5).status_code == 401
        assert registry.instances() == {}
        right = {"Authorization": "Bearer s3cret"}
        assert requests.post(url, json=REGISTRATION, headers=right, timeout=5).status_code == 201
    finally:
        running.stop()


def test_a_port_in_use_is_told_with_the_next_step(control, registry):
    port = urlsplit(control.url).port
    with pytest.raises(EngineError, match=rf"127.0.0.1:{port}.*in use.*proxy.control"):
        server(registry, address=Address("127.0.0.1", port)).start()


def test_only_loopback_is_listened_on(registry):
    with pytest.raises(EngineError, match=r"loopback only, not on 0\.0\.0\.0"):
        server(registry, address=Address("0.0.0.0", 0)).start()


def test_after_stop_the_port_is_free(registry):
    running = server(registry)
    running.start()
    port = urlsplit(running.url).port
    running.stop()
    again = server(registry, address=Address("127.0.0.1", port))
    again.start()
    again.stop()
