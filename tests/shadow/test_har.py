"""Recordings are read as they were made, and written without secrets."""

from __future__ import annotations

import base64
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.shadow.har import HarError, read_har, write_har
from strangler.shadow.redact import Redactor
from tests.shadow.documents import exchange, observation

REDACTOR = Redactor(b"k" * 32)


def entry(**changes):
    made = {
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 12.5,
        "request": {
            "method": "GET",
            "url": "https://shop.example/api/x/?a=1",
            "headers": [
                {"name": ":authority", "value": "shop.example"},
                {"name": "Accept", "value": "*/*"},
            ],
        },
        "response": {
            "status": 200,
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "content-encoding", "value": "br"},
            ],
            "content": {"text": base64.b64encode(b'{"a":1}').decode(), "encoding": "base64"},
        },
    }
    return made | changes


def har(tmp_path, *entries):
    path = tmp_path / "x.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def test_an_entry_becomes_an_exchange_and_its_response(tmp_path):
    ((request, response),) = read_har(har(tmp_path, entry()), lambda method, path: method + path)
    assert (request.method, request.target, request.host) == ("GET", "/api/x/?a=1", "shop.example")
    assert request.route == "GET/api/x/"
    assert request.received_at == 1767323045.678
    assert (response.status, response.body, response.latency_ms) == (200, b'{"a":1}', 12.5)
    assert response.headers == (("content-type", "application/json"),)


def test_requests_that_got_no_response_are_left_out(tmp_path):
    aborted = entry(response={"status": 0, "headers": [], "content": {}})
    assert read_har(har(tmp_path, aborted)) == []


@given(st.text('abc xyzäß\n"<&', max_size=30), st.integers(100, 599))
def test_what_is_written_reads_back(tmp_path_factory, text, status):
    path = tmp_path_factory.mktemp("har") / "x.har"
    request = exchange(route="/api/products/1/", request_id="")
    response = dataclasses.replace(observation({"title": text}), status=status)
    path.write_text(write_har([(request, response)], REDACTOR))
    ((read, answered),) = read_har(path)
    assert read == request
    assert json.loads(answered.body) == {"title": text}
    assert dataclasses.replace(answered, body=response.body) == response


def test_nothing_secret_is_written():
    request = exchange(
        "/x/?token=hunter2hunter2", headers=(("cookie", "sessionid=hunter2hunter2"),),
        method="POST", body=b'{"password": "hunter2hunter2"}',
    )  # fmt: skip
    text = write_har([(request, observation({"email": "a@b.example"}))], REDACTOR)
    assert "hunter2" not in text
    assert "a@b" not in text


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"log": {"entries": 1}}', "\x00"])
def test_what_is_no_har_is_refused(tmp_path, content):
    path = tmp_path / "x.har"
    path.write_text(content)
    with pytest.raises(HarError, match="no HAR file"):
        read_har(path)


def test_every_malformed_entry_is_named(tmp_path):
    path = har(tmp_path, {}, entry(), 3, entry(startedDateTime="yesterday"))
    with pytest.raises(HarError) as caught:
        read_har(path)
    assert [f"entry {n}" in str(caught.value) for n in range(4)] == [True, False, True, True]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(HarError, match="No such file"):
        read_har(tmp_path / "none.har")
