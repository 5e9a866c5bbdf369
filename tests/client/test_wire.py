"""What goes over the wire comes back as it was, type by type."""

# ruff: noqa: ICN001, UP007, UP045 - annotations as generated clients spell them

import dataclasses
import datetime
import json
import math
import uuid
from decimal import Decimal
from typing import Any, Optional, TypedDict, Union

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from strangler.client import wire
from tests.client.divertsite.odd.values import Colour, Everything, Node

zones = st.integers(-82800, 82800).map(lambda s: datetime.timezone(datetime.timedelta(seconds=s)))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)  # fmt: skip
nodes = st.recursive(
    st.builds(Node, id=st.integers(), parent=st.none(), children=st.just([])),
    lambda inner: st.builds(Node, id=st.integers(), parent=inner, children=st.lists(inner)),
    max_leaves=4,
)
everything = st.builds(
    Everything,
    id=st.integers(),
    text=st.text(),
    flag=st.booleans(),
    ratio=st.floats(allow_nan=False),
    price=st.decimals(allow_nan=False),
    moment=st.datetimes() | st.datetimes(timezones=zones),
    day=st.dates(),
    hour=st.times(),
    span=st.timedeltas(),
    key=st.uuids(),
    data=st.binary(),
    maybe=st.none() | st.integers(),
    anything=json_values,
    many=st.lists(st.decimals(allow_nan=False)),
    pair=st.tuples(st.integers(), st.text()),
    dates=st.lists(st.dates()).map(tuple),
    by_key=st.dictionaries(st.integers(), st.decimals(allow_nan=False)),
    colour=st.sampled_from(Colour),
    node=st.none() | nodes,
)


def there_and_back(kind: Any, content: Any) -> Any:
    return wire.decode(kind, wire.loads(wire.dumps(content)))


@given(everything)
def test_a_value_comes_back_as_it_was(value):
    again = there_and_back(Everything, value)
    assert type(again) is Everything
    assert dataclasses.asdict(again) == dataclasses.asdict(value)
    assert repr(dataclasses.asdict(again)["price"]) == repr(value.price)
    assert str(again.moment) == str(value.moment)


@given(st.lists(st.tuples(st.integers(), st.none() | st.text(), st.decimals(allow_nan=False))))
def test_rows_of_columns_come_back_as_they_were(rows):
    assert there_and_back(list[tuple[int, str | None, Decimal]], rows) == rows


@given(
    st.fixed_dictionaries(
        {
            "number": st.integers(),
            "text": st.text(st.characters(codec="utf-8")),
            "flag": st.booleans(),
            "price": st.decimals(allow_nan=False),
            "moment": st.datetimes(timezones=zones),
            "key": st.uuids(),
            "span": st.timedeltas(),
        }
    )
)
def test_scalars_come_back_from_a_query_string(arguments):
    kinds = {"number": int, "text": str, "flag": bool, "price": Decimal,
             "moment": datetime.datetime, "key": uuid.UUID,
             "span": Optional[datetime.timedelta]}  # fmt: skip
    query = wire.query(arguments, kinds)
    from urllib.parse import parse_qsl  # noqa: PLC0415 - the server's reading of it

    read = dict(parse_qsl(query, keep_blank_values=True))
    assert {name: wire.decode(kinds[name], text) for name, text in read.items()} == arguments


def test_what_is_no_scalar_has_no_query_string():
    assert wire.query({"ids": [1]}, {"ids": list[int]}) is None
    assert wire.query({"word": None}, {"word": Optional[str]}) is None
    assert wire.query({"any": "7"}, {"any": Any}) is None
    assert wire.query({"any": "7"}, {}) is None
    assert wire.query({"either": 7}, {"either": Union[int, str]}) is None
    assert wire.query({"data": b"7"}, {"data": bytes}) is None
    assert wire.query({"id": [1]}, {"id": int}) is None
    assert wire.query({}, {}) == ""


def test_the_json_is_plain_and_standard():
    told = wire.dumps(
        {
            "price": Decimal("1.50"),
            "at": datetime.datetime(2026, 1, 31, 9, tzinfo=datetime.UTC),
            "span": datetime.timedelta(days=1, hours=2),
            "data": b"\x00\xff",
            "lazy": gettext_lazy("yes"),
            "set": {1},
            "odd": [math.inf, math.nan],
            "by": {uuid.UUID(int=1): Colour.RED},
        }
    )
    assert json.loads(told, parse_constant=pytest.fail) == {
        "price": "1.50",
        "at": "2026-01-31T09:00:00+00:00",
        "span": "P1DT02H00M00S",
        "data": "AP8=",
        "lazy": "yes",
        "set": [1],
        "odd": ["inf", "nan"],
        "by": {"00000000-0000-0000-0000-000000000001": "red"},
    }
    assert math.isnan(there_and_back(float, math.nan))


def test_another_languages_date_is_read():
    read = wire.decode(datetime.datetime, "2026-01-31T09:00:00Z")
    assert read == datetime.datetime(2026, 1, 31, 9, tzinfo=datetime.UTC)


class Row(TypedDict):
    id: int
    at: Optional[datetime.date]


def test_typed_rows_and_keys():
    rows: list[Row] = [{"id": 1, "at": datetime.date(2026, 1, 2)}, {"id": 2, "at": None}]
    assert there_and_back(list[Row], rows) == rows
    found = {1: Node(1, None, [])}
    assert there_and_back(dict[int, Node], found) == found
    assert there_and_back(dict, {"a": [1]}) == {"a": [1]}
    assert there_and_back(list, [1, "a"]) == [1, "a"]
    assert there_and_back(tuple[int, ...], (1, 2)) == (1, 2)


def test_a_newer_service_may_say_more():
    assert wire.decode(Node, {"id": 1, "parent": None, "children": [], "more": 1}).id == 1


@pytest.mark.parametrize(
    ("kind", "content", "complaint"),
    [
        (int, "7.5", "must be a whole number, got '7.5'"),
        (int, 7.5, "must be a whole number, got 7.5"),
        (int, True, "must be a whole number"),
        (int, math.inf, "must be a whole number"),
        (bool, "yes", "must be true or false, got 'yes'"),
        (str, 7, "must be text, got 7"),
        (Decimal, "abc", "must be a decimal number"),
        (datetime.date, "2026-13-01", "must be a date"),
        (datetime.timedelta, "later", "must be a duration"),
        (uuid.UUID, "7", "must be a UUID"),
        (bytes, "***", "must be base64"),
        (list[int], {}, "must be a list"),
        (Node, [], "must be an object"),
        (Node, {"id": 1}, "Node lacks parent, children"),
        (tuple[int, str], [1], "must be 2 items, got 1"),
        (Colour, "green", "'green' is not a valid Colour"),
        (int, "x" * 500, r"must be a whole number, got 'x{56}\.\.\."),
    ],
)
def test_what_does_not_fit_is_named(kind, content, complaint):
    with pytest.raises(ValueError, match=complaint):
        wire.decode(kind, content)


def test_what_cannot_travel_says_what_to_pass():
    with pytest.raises(TypeError, match="object cannot travel: pass its key"):
        wire.dumps({"user": object()})
    with pytest.raises(TypeError, match="cannot travel; annotate with a value class"):
        wire.decode(complex, 1)
