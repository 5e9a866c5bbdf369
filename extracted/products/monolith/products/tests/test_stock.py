"""Stock: read by all, set by staff, and streamed as server-sent events."""

import json

import pytest

from monolith.products import streams
from monolith.products.factories import ProductFactory
from monolith.products.models import Product, Stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def kettle():
    return ProductFactory(name="Kettle", stock__quantity=9, stock__reserved=2)


@pytest.fixture
def url(kettle):
    return f"/api/products/{kettle.pk}/stock/"


def test_anyone_reads_the_stock(api, kettle, url, django_assert_num_queries):
    with django_assert_num_queries(4):
        response = api.get(url)
    assert response.status_code == 200
    assert response.json() == {
        "quantity": 9,
        "reserved": 2,
        "available": 7,
        "updated_at": kettle.stock.updated_at.isoformat().replace("+00:00", "Z"),
    }


def test_staff_set_the_quantity(kettle, url, grace_api, django_assert_num_queries):
    with django_assert_num_queries(14):
        response = grace_api.patch(url, {"quantity": 20, "reserved": 0})
    assert response.status_code == 200
    body = response.json()
    assert (body["quantity"], body["reserved"], body["available"]) == (20, 2, 18)
    assert Stock.objects.get(product=kettle).quantity == 20


def test_what_is_promised_cannot_be_taken_away(kettle, url, grace_api):
    response = grace_api.patch(url, {"quantity": 1})
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "conflict",
            "message": "2 pieces are reserved; the stock cannot be 1.",
        }
    }
    assert Stock.objects.get(product=kettle).quantity == 9


def test_a_negative_quantity_is_refused(url, grace_api):
    response = grace_api.patch(url, {"quantity": -1})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {
        "quantity": ["Ensure this value is greater than or equal to 0."]
    }


def test_only_staff_set_the_stock(api, ada_api, url):
    assert api.patch(url, {"quantity": 1}).status_code == 401
    assert ada_api.patch(url, {"quantity": 1}).status_code == 403


def events_of(response):
    blocks = b"".join(response.streaming_content).decode().split("\n\n")[:-1]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_the_stream_sends_an_event_per_interval(client, kettle, django_assert_num_queries):
    response = client.get(f"/api/products/{kettle.pk}/stock/stream/?limit=2")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    with django_assert_num_queries(2):
        events = events_of(response)
    assert [(event["id"], event["event"]) for event in events] == [("1", "stock"), ("2", "stock")]
    assert json.loads(events[0]["data"]) == {"product": kettle.pk, "available": 7}


def test_the_stream_follows_the_stock_and_ends_with_the_product(kettle):
    events = streams.stock_events(product_id=kettle.pk, limit=None)
    assert '"available": 7' in next(events)
    Stock.objects.filter(product=kettle).update(quantity=100)
    assert '"available": 98' in next(events)
    Product.objects.all().delete()
    assert list(events) == []


@pytest.mark.parametrize("limit", ["0", "-1", "many", "100001"])
def test_the_stream_refuses_a_limit_it_cannot_keep(client, kettle, limit):
    response = client.get(f"/api/products/{kettle.pk}/stock/stream/?limit={limit}")
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == ["limit"]


def test_an_unknown_product_has_no_stream(client):
    response = client.get("/api/products/999/stock/stream/")
    assert response.status_code == 404
    assert response.json() == {
        "error": {"code": "not_found", "message": "There is no product 999."}
    }
