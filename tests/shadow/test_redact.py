"""Nothing secret survives, and what was equal stays equal."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.shadow.bodies.json_body import dump_json
from strangler.shadow.judge import judge
from strangler.shadow.noise import NoiseHistory
from strangler.shadow.redact import Redactor
from strangler.shadow.rules import Rules
from strangler.shadow.sensitive import is_sensitive_name
from tests.shadow.documents import observation, pair

KEY = b"k" * 32
secrets = st.text(
    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789&\"'%/ é", min_size=12, max_size=24
).map(lambda text: "S3" + text.strip() + "x")


def redacted(made):
    return Redactor(KEY).redact(judge(made, Rules(), NoiseHistory()))


def everything(verdict) -> str:
    return repr(verdict)


@given(secret=secrets, other=secrets)
def test_a_secret_survives_nowhere(secret, other):
    token = re.sub(r"[^A-Za-z0-9]", "", secret)
    made = pair(
        observation({"user": {"password": secret, "note": f"echo {secret}!"}, "apiKey": other}),
        observation(
            f"<form><input name=csrfmiddlewaretoken value='{token}'><p>{token}</p></form>".encode(),
            headers=(("content-type", "text/html"), ("set-cookie", f"sessionid={token}; Path=/")),
        ),
        headers=(
            ("host", "shop.example"),
            ("authorization", f"Bearer {token}"),
            ("cookie", f"sessionid={token}; theme=dark"),
            ("content-type", "application/json"),
        ),
        target=f"/reset/?token={token}&next=/x",
        method="POST",
        body=json.dumps({"card": {"number": secret}}).encode(),
    )
    text = everything(redacted(made))
    for needle in (secret, token, other, json.dumps(secret)[1:-1]):
        assert needle not in text


def test_emails_cards_and_keys_are_found_by_their_look():
    made = pair(
        {"text": "write to Ann.Lee+x@example.co.uk, card 4111 1111 1111 1111, order 1234567890123"},
        b"{broken, password: 'hunter2hunter2', eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln",
        target="/users/ann%40example.com/?q=bob%40example.com&page=2",
    )
    text = everything(redacted(made))
    assert "order 1234567890123" in text
    assert "page=2" in text
    for needle in ("Ann.Lee", "ann%40", "bob%40", "4111", "hunter2", "eyJ"):
        assert needle not in text


def test_equal_values_have_equal_placeholders_and_different_ones_do_not():
    verdict = redacted(
        pair({"email": "a@b.example", "token": "t-1"}, {"email": "a@b.example", "token": "t-2"})
    )
    (difference,) = verdict.differences
    assert difference.path == "body.token"
    assert difference.control != difference.candidate
    control, candidate = (
        json.loads(side.body) for side in (verdict.pair.control, verdict.pair.candidate)
    )
    assert control["email"] == candidate["email"]
    assert control["token"] == difference.control


def test_another_key_gives_other_placeholders():
    assert Redactor(KEY).placeholder("x") != Redactor(b"j" * 32).placeholder("x")


def test_what_is_not_secret_is_kept_as_it_was_written():
    verdict = redacted(
        pair({"price": Decimal("12.50"), "n": 3, "ok": True, "no": None}, {"price": 1})
    )
    assert json.loads(verdict.pair.control.body) == {"price": 12.5, "n": 3, "ok": True, "no": None}
    assert dump_json({"price": Decimal("12.50")}) == '{"price": 12.50}'


def test_a_compressed_body_is_stored_decoded_and_redacted():
    body = observation(
        gzip.compress(b'{"password": "hunter2hunter2"}'),
        headers=(("content-type", "application/json"), ("content-encoding", "gzip")),
    )
    side = redacted(pair(body, {})).pair.control
    assert b"redacted" in side.body
    assert "content-encoding" not in dict(side.headers)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"user=ann&password=hunter2+hunter2&x=1"),
        ("multipart/form-data; boundary=q",
         b'--q\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2 hunter2\r\n--q--'),
    ],
)  # fmt: skip
def test_forms(kind, body):
    verdict = redacted(pair({}, {}, method="POST", body=body, headers=(("content-type", kind),)))
    assert b"hunter2" not in verdict.pair.exchange.body
    assert b"redacted" in verdict.pair.exchange.body


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "newPassword",
        "card_number",
        "csrfmiddlewaretoken",
        "userEmail",
        "CVV",
        "access_token",
        "phone",
    ],
)
def test_names_that_hide(name):
    assert is_sensitive_name(name)


@pytest.mark.parametrize(
    "name", ["id", "price", "discarded", "cardinality", "passenger", "title", "panel", "spinner"]
)
def test_names_that_do_not(name):
    assert not is_sensitive_name(name)


def test_further_names_can_be_given():
    verdict = judge(pair({"nickname": "Rosebud"}, {"nickname": "Rosebud"}), Rules(), NoiseHistory())
    assert (
        b"Rosebud" not in Redactor(KEY, frozenset({"nickname"})).redact(verdict).pair.control.body
    )
