"""Differences are found where they are, and only there."""

from __future__ import annotations

import gzip
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strangler.shadow.compare import compare, compare_values
from strangler.shadow.fingerprint import fingerprint
from strangler.shadow.observation import Difference
from strangler.shadow.paths import key_path
from strangler.shadow.rules import Rules
from tests.shadow.documents import documents, observation

RULES = Rules()


def found(control: object, candidate: object, rules: Rules = RULES) -> list[Difference]:
    return list(compare_values(control, candidate, rules))


def kinds(control: object, candidate: object, rules: Rules = RULES) -> list[tuple[str, str]]:
    return [(d.path, d.kind) for d in found(control, candidate, rules)]


def places(document: object, path: str = "body"):
    """Yield (path, container, key) for every value inside a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key_path(path, key), document, key
            yield from places(value, key_path(path, key))
    if isinstance(document, list):
        for index, value in enumerate(document):
            yield f"{path}[{index}]", document, index
            yield from places(value, f"{path}[{index}]")


def copied(document: object) -> object:
    if isinstance(document, dict):
        return {key: copied(value) for key, value in document.items()}
    return [copied(value) for value in document] if isinstance(document, list) else document


@given(documents)
def test_a_document_never_differs_from_itself(document):
    assert found(document, copied(document)) == []


@given(documents, documents)
def test_swapping_the_sides_changes_no_count(left, right):
    there, back = found(left, right), found(right, left)
    assert len(there) == len(back)
    mirrored = {"missing": "extra", "extra": "missing"}
    assert sorted(d.kind for d in there) == sorted(mirrored.get(d.kind, d.kind) for d in back)


@given(documents, documents)
def test_two_documents_differ_exactly_when_their_fingerprints_do(left, right):
    assert bool(found(left, right)) == (fingerprint(left) != fingerprint(right))


@given(documents, st.data())
def test_one_changed_value_is_found_at_exactly_its_path(document, data):
    candidate = copied(document)
    spots = list(places(candidate))
    assume(spots)
    path, container, key = data.draw(st.sampled_from(spots))
    control_value, container[key] = container[key], "\N{SNOWMAN} not there before"
    (difference,) = found(document, candidate)
    assert difference.path == path
    assert difference.kind == ("value" if isinstance(control_value, str) else "type")
    assert difference.candidate == "\N{SNOWMAN} not there before"


@given(documents, st.data())
def test_one_member_taken_out_is_missing_at_exactly_its_path(document, data):
    candidate = copied(document)
    spots = [spot for spot in places(candidate) if isinstance(spot[1], dict)]
    assume(spots)
    path, container, key = data.draw(st.sampled_from(spots))
    del container[key]
    assert kinds(document, candidate) == [(path, "missing")]
    assert kinds(candidate, document) == [(path, "extra")]


@given(st.lists(documents, min_size=1, max_size=8, unique_by=fingerprint), st.data())
def test_one_item_taken_out_of_a_list_is_one_difference(items, data):
    position = data.draw(st.integers(0, len(items) - 1))
    candidate = items[:position] + items[position + 1 :]
    assert kinds(items, candidate) == [(f"body[{position}]", "missing")]


@given(st.binary(max_size=200), st.binary(max_size=200), st.data())
def test_garbage_is_a_difference_never_an_error(left, right, data):
    types = st.sampled_from(
        ["application/json", "text/html", "text/plain; charset=utf-8", "", "image/png", "\x00;;"]
    )
    codings = st.sampled_from(["gzip", "br", "deflate", "zstd", "gzip, br", "snappy", "", ","])
    headers = tuple(
        (("content-type", data.draw(types)), ("content-encoding", data.draw(codings)))
        for _ in range(2)
    )
    control = observation(left, headers=headers[0])
    candidate = observation(right, headers=headers[1])
    assert compare(control, control, RULES) == ()
    there, back = compare(control, candidate, RULES), compare(candidate, control, RULES)
    assert len(there) == len(back)


@pytest.mark.parametrize(
    ("control", "candidate", "expected"),
    [
        (True, 1, [("body", "type")]),
        (1, Decimal("1.0"), []),
        (None, 0, [("body", "type")]),
        ([1, 2, 3], [3, 2, 1], [("body", "order")]),
        ([1, 1, 2], [1, 2, 2], [("body[1]", "value")]),
        ([1, 2, 2, 2], [1, 9, 2, 2], [("body[1]", "value")]),
        ([1, 2, 3], [0, 1, 2, 3], [("body[0]", "extra")]),
        ({"a": None}, {}, [("body.a", "missing")]),
        ({"a.b": 1}, {"a.b": 2}, [('body["a.b"]', "value")]),
    ],
)
def test_kinds(control, candidate, expected):
    assert kinds(control, candidate) == expected


def test_items_with_an_id_are_matched_by_it_wherever_they_stand():
    control = {"items": [{"id": 1, "price": 1}, {"id": 2, "price": 2}, {"id": 3, "price": 3}]}
    candidate = {"items": [{"id": 2, "price": 2}, {"id": 3, "price": 9}]}
    assert kinds(control, candidate) == [
        ("body.items[0]", "missing"),
        ("body.items[2].price", "value"),
    ]


def test_an_id_of_another_type_is_said_to_be_that():
    control, candidate = [{"id": 1, "n": "x"}], [{"id": "1", "n": "x"}]
    assert kinds(control, candidate) == [("body[0].id", "type")]


def test_a_list_declared_unordered_is_compared_as_a_multiset():
    rules = Rules(unordered=("body.tags",))
    assert kinds({"tags": ["a", "b", "c"]}, {"tags": ["c", "a", "b"]}, rules) == []
    assert kinds({"tags": ["a", "b"]}, {"tags": ["b", "z"]}, rules) == [("body.tags[0]", "value")]
    assert kinds({"tags": ["a", "b"]}, {"tags": ["b", "a"]}) == [("body.tags", "order")]


def test_status_and_headers_are_compared_by_what_they_mean():
    control = observation(
        {},
        headers=(
            ("content-type", "application/json; charset=utf-8"),
            ("vary", "Cookie, Accept"),
            ("date", "today"),
            ("set-cookie", "sessionid=abc; HttpOnly; Path=/; expires=Mon, 1 Jan 2029"),
        ),
    )
    candidate = observation(
        {},
        status=201,
        headers=(
            ("Content-Type", 'application/json;charset="UTF-8"'),
            ("Vary", "accept, cookie"),
            ("Set-Cookie", "sessionid=xyz; path=/; expires=Tue, 2 Jan 2029"),
            ("Location", "/x"),
        ),
    )
    assert [
        (d.path, d.kind, d.control, d.candidate) for d in compare(control, candidate, RULES)
    ] == [
        ("status", "status", 200, 201),
        ("header.location", "header", None, "/x"),
        ("header.set-cookie.sessionid", "header", "expires; httponly; path=/", "expires; path=/"),
    ]


def test_a_compressed_body_equals_the_same_body_plain():
    control = observation(
        gzip.compress(b'{"a": 1}'),
        headers=(("content-type", "application/json"), ("content-encoding", "gzip")),
    )
    assert compare(control, observation({"a": 1}), RULES) == ()


def test_json_that_is_none_is_one_difference_at_the_body():
    (difference,) = compare(observation({"a": 1}), observation(b'{"a": 1'), RULES)
    assert (difference.path, difference.kind, difference.control) == ("body", "type", "json")
    assert "invalid JSON" in str(difference.candidate)


@pytest.mark.parametrize("raw", [b"[" * 90_000, b'{"a":' * 150 + b"1" + b"}" * 150, b"9" * 5000])
def test_json_that_would_break_a_parser_is_a_difference(raw):
    (difference,) = compare(observation({"a": 1}), observation(raw), RULES)
    assert difference.path == "body"


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b"\0" * 40_000_000)
    headers = (("content-type", "application/json"), ("content-encoding", "gzip"))
    (difference,) = compare(observation({}), observation(bomb, headers=headers), RULES)
    assert "larger than" in str(difference.candidate)


def test_a_candidate_without_a_response_is_one_difference():
    gone = observation(status=0, headers=(), error="ConnectError: refused")
    assert compare(observation({"a": 1}), gone, RULES) == (
        Difference("status", "status", 200, "ConnectError: refused"),
    )


def page(body: str) -> object:
    html = f"<!doctype html><html><body>{body}</body></html>".encode()
    return observation(html, headers=(("content-type", "text/html; charset=utf-8"),))


@pytest.mark.parametrize(
    ("control", "candidate", "expected"),
    [
        ("<p class='a b'>x  y</p>", "<p  class='b a'>\n x y <!-- c --></p>", []),
        ("<p>1</p><p>2</p>", "<p>1</p><p>3</p>", [("body.body[0].p[1].text[0]", "value")]),
        ("<a href=/x>1</a>", "<a href=/y>1</a>", [("body.body[0].a[0].@href", "value")]),
        ("<p>1</p><b>2</b>", "<b>2</b>", [("body.body[0].p[0]", "missing")]),
        ("<b>1</b>", "<i>1</i>", [("body.body[0].b[0]", "type")]),
    ],
)
def test_pages_are_compared_by_their_elements(control, candidate, expected):
    differences = compare(page(control), page(candidate), RULES)
    assert [(d.path, d.kind) for d in differences] == expected


def test_a_page_that_is_another_page_gives_a_bounded_number_of_differences():
    left = "".join(f"<p>{n}</p>" for n in range(1000))
    right = "".join(f"<p>x{n}</p>" for n in range(1000))
    assert len(compare(page(left), page(right), RULES)) == 200
