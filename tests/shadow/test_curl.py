"""The line repeats the request, whatever is in it, through a real shell."""

from __future__ import annotations

import dataclasses
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.shadow.curl import curl_line
from tests.shadow.documents import exchange
from tests.shadow.servers import answer_json, backend

HEADERS = (
    ("host", "shop.example"),
    ("accept", "application/json"),
    ("content-type", "application/json"),
    ("x-forwarded-for", "10.0.0.1"),
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@given(
    value=printable,
    body=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
)
def test_the_shell_sees_the_words_and_nothing_else(value, body):
    request = exchange(method="POST", headers=(("host", "h"), ("x-odd", value)), body=body.encode())
    line = curl_line(request).replace("curl", "printf '%s\\0'", 1)
    out = subprocess.run(["sh", "-c", line], capture_output=True, check=True).stdout
    words = out.decode().split("\0")
    assert (f"x-odd: {value}" if value else "x-odd;") in words
    assert words[-2] == "http://h/api/products/1/"
    assert body in words or not body


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_curl_sends_the_same_request(method):
    body = b'{"a": "it\'s"}' if method in ("POST", "PUT") else b""
    request = exchange(
        "/x/?a=1&b=%20",
        method=method,
        headers=HEADERS,
        body=body,
    )
    with backend(lambda *_: answer_json({})) as side:
        line = curl_line(request, side.url)
        try:
            subprocess.run(["sh", "-c", line], check=True, capture_output=True, timeout=20)
        except subprocess.CalledProcessError as error:
            if error.returncode == 127:
                pytest.skip("no curl here")
            raise
    ((sent, path, headers, content),) = side.asked
    headers = {name.lower(): value for name, value in headers.items()}
    assert (sent, path, content) == (method, "/x/?a=1&b=%20", body)
    assert (headers["host"], headers["accept"]) == ("shop.example", "application/json")
    assert "x-forwarded-for" not in headers


def test_a_body_that_is_no_text_is_named_not_sent():
    line = curl_line(dataclasses.replace(exchange(method="POST"), body=b"\xff\xfe"))
    assert "--data-binary @body.bin" in line
