"""Bodies are read as what they are, whatever their headers claim."""

from __future__ import annotations

import gzip
import zlib
from decimal import Decimal

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from strangler.shadow.bodies import read_body
from strangler.shadow.bodies.content_encoding import MAX_DECODED_BYTES, decode_content
from strangler.shadow.bodies.json_body import MAX_DEPTH, parse_json
from tests.shadow.documents import observation

ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", ENCODERS)
@given(body=st.binary(min_size=1, max_size=2000))
def test_every_coding_comes_back(name, body):
    assert decode_content(ENCODERS[name](body), name.upper()) == (body, "")


@given(body=st.binary(max_size=300))
def test_codings_are_undone_in_reverse_order(body):
    twice = brotli.compress(gzip.compress(body))
    assert decode_content(twice, "gzip, br") == (body, "")


def test_deflate_without_its_header_is_understood():
    raw = zlib.compress(b"x" * 100)[2:-4]
    assert decode_content(raw, "deflate") == (b"x" * 100, "")


@pytest.mark.parametrize("name", ENCODERS)
def test_cut_off_and_bombs_are_named(name):
    whole = ENCODERS[name](b"x" * 5000)
    assert decode_content(whole[:-3], name)[1] == f"not valid {name}"
    bomb = ENCODERS[name](b"\0" * (MAX_DECODED_BYTES + 1))
    assert "larger than" in decode_content(bomb, name)[1]


def test_an_unknown_coding_is_named():
    assert decode_content(b"x", "snappy") == (b"x", "unknown content-encoding 'snappy'")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"{", "invalid JSON"), (b"NaN", "invalid JSON"), (b"\xff", "invalid JSON"),
        (b"1e99999999999999999999", "invalid JSON"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too deeply"),
        (b"[" * 100_000, ""),
    ],
)  # fmt: skip
def test_json_that_is_none(raw, problem):
    document, said = parse_json(raw)
    assert document is None
    assert said
    assert problem in said


def test_json_numbers_are_exact():
    assert parse_json(b"[1.10, 1, 1e2]") == ([Decimal("1.10"), 1, Decimal("1e2")], "")


@pytest.mark.parametrize(
    ("kind", "raw", "form"),
    [
        ("application/problem+json", b"{}", "json"), ("text/html", b"<p>x", "html"),
        ("text/csv", b"a,b", "text"), ("image/png", b"\x89PNG", "binary"),
        ("text/plain", b"\xff\xfe", "binary"), ("application/json", b"", "empty"),
        ("application/json", b"<p>", "text"), ("", b"x", "text"),
    ],
)  # fmt: skip
def test_forms(kind, raw, form):
    assert read_body(observation(raw, headers=(("content-type", kind),))).form == form
