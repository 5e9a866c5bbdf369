"""Over TLS as well: certificates are checked, and the deadline ends what drips."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from strangler.client.failures import DeadlineError, UnavailableError
from tests.client.divertsite.odd import operations as odd

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"7" * 9999


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a certificate of 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def served(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Serve over TLS what the list says: an answer at once, or byte by byte (`[answer]`)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    answers: list[object] = []

    def serve(plain: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
            while connection.recv(65_536):
                answer = answers.pop(0) if answers else ANSWER
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                    continue
                for byte in answer[0]:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.02)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_URL", f"https://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    yield answers
    odd.SERVICE.close()
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_a_service_is_called_over_tls(served):
    assert [odd.add(1) for _ in range(3)] == [7] * 3


def test_the_deadline_ends_an_answer_that_drips_over_tls(served, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TIMEOUT_S", "0.5")
    served[:] = [[LONG]]
    began_at = time.monotonic()
    with pytest.raises(DeadlineError):
        odd.add(1)
    assert time.monotonic() - began_at < 30


def test_a_certificate_that_nobody_signed_is_not_trusted(served, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    with pytest.raises(UnavailableError, match=r"certificate verify failed|SSL"):
        odd.add(1)


def test_a_handshake_that_nobody_answers_ends_by_the_deadline(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
        monkeypatch.setenv("ODD_CLIENT_URL", f"https://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("ODD_CLIENT_TIMEOUT_S", "0.4")
        monkeypatch.setenv("ODD_CLIENT_CONNECT_TIMEOUT_S", "60")
        began_at = time.monotonic()
        with pytest.raises(UnavailableError):
            odd.add(1)
        assert time.monotonic() - began_at < 30
    odd.SERVICE.close()


def test_a_request_that_nobody_reads_ends_by_the_deadline(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
        monkeypatch.setenv("ODD_CLIENT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("ODD_CLIENT_TIMEOUT_S", "0.4")
        monkeypatch.setenv("ODD_CLIENT_CONNECT_TIMEOUT_S", "60")
        began_at = time.monotonic()
        with pytest.raises(DeadlineError):
            odd.total([1] * 5_000_000)
        assert time.monotonic() - began_at < 30
    odd.SERVICE.close()
