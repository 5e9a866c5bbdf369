"""`strangler record` and `strangler inspect`, as commands, on real traffic."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from strangler.shadow.har import read_har
from tests.engines.conformance.backends import running_backends
from tests.engines.conformance.client import RawClient
from tests.engines.mitm.conftest import free_port

SECRETS = (
    "Bearer-abc123def", "sessionvalue99", "hunter2hunter2", "tok_9f8e7d6c5b", "ann@example.com",
    "4111111111111111", "setcookievalue77", "querytoken555",
)  # fmt: skip
STRANGLER = [sys.executable, "-m", "strangler"]


@contextmanager
def recording(*arguments):
    """The command, once it says that it records; ended by Ctrl-C."""
    with subprocess.Popen(
        [*STRANGLER, "record", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            line = process.stdout.readline()
            assert line.startswith("recording http://"), (line, process.stderr.read())
            yield process
        finally:
            process.kill()


def send_secrets(port):
    body = "password=hunter2hunter2&note=ann@example.com"
    json_body = json.dumps({"token": "tok_9f8e7d6c5b", "card": "4111 1111 1111 1111"})
    with RawClient(port) as client:
        for head, content in [
            ("GET /a/?token=querytoken555 HTTP/1.1\r\nAuthorization: Bearer Bearer-abc123def", ""),
            ("GET /b/ HTTP/1.1\r\nCookie: sessionid=sessionvalue99", ""),
            ("POST /c/ HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded", body),
            ("POST /d/ HTTP/1.1\r\nContent-Type: application/json", json_body),
        ]:
            raw = f"{head}\r\nHost: shop.example\r\nContent-Length: {len(content)}\r\n\r\n{content}"
            assert client.ask(raw.encode()).status == 200


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A finished recording: its folder and what the command said."""
    folder, port = tmp_path_factory.mktemp("recorded"), free_port()
    with running_backends() as backends:
        backend = backends.start("monolith", extra=("Set-Cookie: sessionid=setcookievalue77",))
        with recording(
            "--upstream", f"http://{backend.address}", "--listen", f"127.0.0.1:{port}",
            "--out", str(folder),
        ) as process:  # fmt: skip
            send_secrets(port)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
    return folder, process.returncode, out, err


def test_ctrl_c_ends_with_success_and_a_summary(recorded):
    _, status, out, err = recorded

    assert (status, err) == (0, "")
    assert "4 flows in " in out
    assert "4 entries in " in out


def test_nothing_secret_is_in_any_file(recorded):
    folder, *_ = recorded
    files = [path for path in folder.rglob("*") if path.is_file()]

    assert {path.suffix for path in files} >= {".flows", ".har"}
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content], path
        assert path.stat().st_mode & 0o077 == 0 or path.suffix == ".log"


def test_what_is_not_secret_is_kept(recorded):
    folder, *_ = recorded
    (har,) = folder.glob("*.har")
    entries = json.loads(har.read_text())["log"]["entries"]

    assert [entry["request"]["method"] for entry in entries] == ["GET", "GET", "POST", "POST"]
    assert entries[1]["request"]["url"] == "http://shop.example/b/"
    assert {entry["response"]["status"] for entry in entries} == {200}
    assert '"backend": "monolith"' in entries[0]["response"]["content"]["text"]


def test_the_har_file_can_be_replayed(recorded):
    (har,) = recorded[0].glob("*.har")

    exchanges = [exchange for exchange, _ in read_har(har)]

    assert [e.target.partition("?")[0] for e in exchanges] == ["/a/", "/b/", "/c/", "/d/"]
    assert b"[redacted " in exchanges[3].body


def test_inspect_counts_what_is_in_a_flow_file_and_in_a_har_file(recorded):
    folder, *_ = recorded
    for path in (*folder.glob("*.flows"), *folder.glob("*.har")):
        done = subprocess.run(
            [*STRANGLER, "inspect", str(path), "--json"], capture_output=True, check=True
        )
        summary = json.loads(done.stdout)

        assert summary["flows"] == 4
        assert summary["methods"] == {"GET": 2, "POST": 2}
        assert summary["statuses"] == {"200": 4}


def test_inspect_checks_in_words(recorded):
    (flows,) = recorded[0].glob("*.flows")
    done = subprocess.run(
        [*STRANGLER, "inspect", str(flows), "--check"], capture_output=True, text=True, check=True
    )

    assert "4 flows" in done.stdout


def test_inspect_opens_mitmweb_on_loopback(recorded):
    (flows,) = recorded[0].glob("*.flows")
    with subprocess.Popen(
        [*STRANGLER, "inspect", str(flows)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            found = None
            while not found:
                found = re.search(r"(http://127\.0\.0\.1:\S+) ;", process.stdout.readline())
            with urllib.request.urlopen(found[1], timeout=10) as page:
                assert b"mitmproxy" in page.read()
        finally:
            process.send_signal(signal.SIGINT)
            status = process.wait(20)

    assert status == 0


def test_a_recording_by_the_policy_names_the_routes(tmp_path):
    port = free_port()
    with running_backends() as backends:
        backend = backends.start("monolith")
        policy = tmp_path / "strangler.toml"
        policy.write_text(
            f'[proxy]\nlisten = "127.0.0.1:{port}"\ncontrol = "127.0.0.1:{free_port()}"\n'
            f'[upstreams.monolith]\ninstances = ["{backend.address}"]\n[upstreams.service]\n'
            '[routes.items]\npath = "/items/"\ncandidate = "service"\n'
        )
        with recording("--policy", str(policy), "--out", str(tmp_path / "out")) as process:
            with RawClient(port) as client:
                client.ask(b"GET /items/ HTTP/1.1\r\nHost: a\r\n\r\n")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    (flows,) = (tmp_path / "out").glob("*.flows")
    done = subprocess.run(
        [*STRANGLER, "inspect", str(flows), "--json"], capture_output=True, check=True
    )

    assert json.loads(done.stdout)["routes"] == {"items": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inspect", "{tmp}/none.flows"], "cannot read"),
        (["inspect", "{tmp}/garbage"], "is not a mitmproxy flow file or a HAR file"),
        (["record", "--upstream", "ftp://x", "--out", "{tmp}"], "write http://HOST:PORT"),
        (["record", "--policy", "{tmp}/none.toml", "--out", "{tmp}"], "no such policy file"),
        (["record", "--out", "{tmp}/garbage/x"], "cannot write to"),
    ],
)
def test_bad_input_is_a_message_and_status_2(tmp_path, arguments, said):
    (tmp_path / "garbage").write_bytes(b"\x00garbage")
    done = subprocess.run(
        [*STRANGLER, *(a.format(tmp=tmp_path) for a in arguments)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
