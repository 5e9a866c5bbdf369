"""WebSocket, event streams, large bodies and HTTP/2 pass through."""

from __future__ import annotations

import hashlib
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve

from strangler.engines.mitm import MitmEngine
from tests.engines.mitm.conftest import Stage, free_port

LARGE_BYTES = 30 << 20
EXTRACTED = """
[routes.all]
path = "/{rest...}"
candidate = "service"
stage = "extracted"
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = MitmEngine(state_dir=tmp_path_factory.mktemp("engine"))
    yield engine, free_port()
    engine.stop(drain_s=0)


@pytest.fixture
def stage(engine, backends):
    running, port = engine
    return Stage(running, backends, backends.start("monolith"), backends.start("service"), port)


@contextmanager
def scripted(script):
    """A server that reads a request's head and then does what `script(connection)` does."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    head = b""
                    while b"\r\n\r\n" not in head and (chunk := connection.recv(65536)):
                        head += chunk
                    if head:
                        script(connection)

        thread = threading.Thread(target=run)
        thread.start()
        yield f'instances = ["127.0.0.1:{server.getsockname()[1]}"]'
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_events_arrive_one_by_one_while_the_stream_stays_open(stage, method):
    seen = threading.Event()

    def events(connection):
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        )
        try:
            for number in range(3):
                connection.sendall(b"data: %d\n\n" % number)
                if not seen.wait(5):
                    return
                seen.clear()
        except OSError:
            return  # a try for the answer's head only

    with scripted(events) as service:
        stage.use(stage.policy(EXTRACTED, service=service))
        received = []
        url = f"http://127.0.0.1:{stage.port}/events"
        with httpx.stream(method, url, timeout=10) as response:
            for chunk in response.iter_bytes():
                received.append(chunk)
                seen.set()

    assert received == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]


def test_a_websocket_reaches_the_service(stage):
    def echo(connection):
        for message in connection:
            connection.send(message[::-1])

    with serve(echo, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        stage.use(stage.policy(EXTRACTED, service=f'instances = ["127.0.0.1:{port}"]'))
        with connect(f"ws://127.0.0.1:{stage.port}/chat/") as client:
            answers = []
            for message in ("abc", b"\x00\x01", "x" * 100_000):
                client.send(message)
                answers.append(client.recv(timeout=10))
        server.shutdown()
        thread.join()

    assert answers == ["cba", b"\x01\x00", "x" * 100_000]


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_large_upload_arrives_whole(stage, framing):
    stage.use(stage.policy(EXTRACTED))
    chunk = b"x" * (1 << 20)

    def body():
        for _ in range(LARGE_BYTES // len(chunk)):
            yield chunk

    headers = {"Content-Length": str(LARGE_BYTES)} if framing == "length" else {}
    response = httpx.post(
        f"http://127.0.0.1:{stage.port}/upload/", content=body(), headers=headers, timeout=60
    )

    assert response.json()["body_bytes"] == LARGE_BYTES


def test_an_upload_for_a_dead_service_goes_to_the_monolith(stage):
    stage.use(stage.policy(EXTRACTED))
    stage.backends.kill(stage.service)

    answer = stage.ask("/upload/", "POST", b"x" * (2 << 20))

    assert (answer.seen["backend"], answer.seen["body_bytes"]) == ("monolith", 2 << 20)


@pytest.mark.parametrize("framing", [b"Content-Length: %d" % LARGE_BYTES, b"Connection: close"])
def test_a_large_download_arrives_whole(stage, framing):
    content = bytes(range(256)) * (LARGE_BYTES // 256)

    def download(connection):
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + content)
        except OSError:
            return  # a try for the answer's head only

    with scripted(download) as service:
        stage.use(stage.policy(EXTRACTED, service=service))
        response = httpx.get(f"http://127.0.0.1:{stage.port}/download/", timeout=60)

    assert hashlib.sha256(response.content).digest() == hashlib.sha256(content).digest()


def test_a_client_may_speak_http2(stage):
    stage.use(stage.policy(EXTRACTED))

    with httpx.Client(http1=False, http2=True, base_url=f"http://127.0.0.1:{stage.port}") as client:
        answers = [
            client.get("/a/%7E/", headers={"Host": "shop.example"}),
            client.post("/b/", content=b"order"),
            client.get("/%2f/"),
        ]

    assert [a.http_version for a in answers] == ["HTTP/2"] * 3
    assert [a.status_code for a in answers] == [200, 200, 400]
    seen = answers[0].json()
    assert (seen["backend"], seen["target"]) == ("service", "/a/~/")
    assert ["Host", "shop.example"] in [[n.title(), v] for n, v in seen["headers"]]
    assert answers[1].json()["body_bytes"] == 5
