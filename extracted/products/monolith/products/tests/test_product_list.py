"""The product list: its rows, filters, orderings and pages."""

from decimal import Decimal

import pytest

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.products.factories import (
    CategoryFactory,
    ProductFactory,
    ReviewFactory,
    TagFactory,
)
from monolith.products.models import Product

pytestmark = pytest.mark.django_db

URL = "/api/products/"


def names(response):
    return [product["name"] for product in response.json()["results"]]


@pytest.fixture
def shelf():
    """Three products: a pan and a knife in the kitchen, a spade that is sold out."""
    kitchen = CategoryFactory(name="Kitchen")
    pans = CategoryFactory(name="Pans", parent=kitchen)
    gift = TagFactory(name="Gift")
    return {
        "pan": ProductFactory(
            name="Iron pan",
            sku="PAN",
            category=pans,
            price=Decimal("35.00"),
            tags=[gift],
            description="",
        ),
        "knife": ProductFactory(
            name="Bread knife", category=kitchen, price=Decimal("12.50"), description="For iron"
        ),
        "spade": ProductFactory(
            name="Spade",
            price=Decimal("20.00"),
            stock__quantity=3,
            stock__reserved=3,
            description="",
        ),
    }


def test_a_row_carries_sales_and_ratings(api, django_assert_num_queries):
    product = ProductFactory(
        sku="K-1",
        name="Kettle",
        category=CategoryFactory(name="Kitchen"),
        price=Decimal("24.50"),
        stock__quantity=9,
        stock__reserved=2,
        tags=[TagFactory(name="Gift"), TagFactory(name="Blue")],
    )
    OrderLineFactory(product=product, quantity=3)
    OrderLineFactory(product=product, quantity=2, order__status="delivered")
    OrderLineFactory(product=product, quantity=50, order__status="cancelled")
    OrderLineFactory(product=product, quantity=50, order__status="refunded")
    for rating in (5, 4, 4):
        ReviewFactory(product=product, rating=rating)
    with django_assert_num_queries(3):
        response = api.get(URL)
    assert response.status_code == 200
    assert response.json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": product.pk,
                "sku": "K-1",
                "name": "Kettle",
                "slug": "kettle",
                "price": "24.50",
                "currency": "EUR",
                "category": {
                    "id": product.category.pk,
                    "name": "Kitchen",
                    "slug": "kitchen",
                },
                "tags": ["blue", "gift"],
                "available": 7,
                "units_sold": 5,
                "rating": 4.33,
                "review_count": 3,
            }
        ],
    }


def test_a_product_nobody_bought_has_zeros(api):
    ProductFactory()
    [row] = api.get(URL).json()["results"]
    assert (row["units_sold"], row["rating"], row["review_count"]) == (0, None, 0)


def test_costs_the_same_for_many(api, django_assert_num_queries):
    for product in ProductFactory.create_batch(10, tags=[TagFactory()]):
        OrderLineFactory(product=product)
        ReviewFactory(product=product)
    with django_assert_num_queries(3):
        api.get(URL)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Bread knife", "Iron pan", "Spade"]),
        ("category=kitchen", ["Bread knife", "Iron pan"]),
        ("category=pans", ["Iron pan"]),
        ("category=unknown", []),
        ("q=iron", ["Bread knife", "Iron pan"]),
        ("q=iron+pan", ["Iron pan"]),
        ("q=pan", ["Iron pan"]),
        ("min_price=12.50&max_price=20", ["Bread knife", "Spade"]),
        ("in_stock=true", ["Bread knife", "Iron pan"]),
        ("in_stock=false", ["Spade"]),
        ("tag=gift", ["Iron pan"]),
        ("ordering=price", ["Bread knife", "Spade", "Iron pan"]),
        ("ordering=-price", ["Iron pan", "Spade", "Bread knife"]),
        ("ordering=-units_sold", ["Spade", "Iron pan", "Bread knife"]),
    ],
)
def test_filters_and_orders(api, shelf, query, found):
    OrderLineFactory(product=shelf["spade"], quantity=2)
    assert names(api.get(f"{URL}?{query}")) == found


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("min_price=cheap", {"min_price": ["Enter a number."]}),
        (
            "ordering=stock",
            {"ordering": ["Select a valid choice. stock is not one of the available choices."]},
        ),
    ],
)
def test_refuses_filters_it_cannot_read(api, query, fields):
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert response.json() == {
        "error": {"code": "invalid", "message": "Some fields are not valid.", "fields": fields}
    }


def test_pages_never_overlap_even_when_the_order_has_ties(api):
    ProductFactory.create_batch(5, price=Decimal("1.00"))
    first = api.get(f"{URL}?ordering=price&page_size=3")
    body = first.json()
    assert body["count"] == 5
    assert body["previous"] is None
    assert body["next"] == "http://testserver/api/products/?ordering=price&page=2&page_size=3"
    second = api.get(body["next"])
    assert second.json()["previous"] == (
        "http://testserver/api/products/?ordering=price&page_size=3"
    )
    assert len(set(names(first)) | set(names(second))) == 5


def test_a_page_beyond_the_last_is_not_found(api):
    response = api.get(f"{URL}?page=2")
    assert response.status_code == 404
    assert response.json() == {"error": {"code": "not_found", "message": "Invalid page."}}


def test_inactive_products_are_not_listed(api, grace_api):
    ProductFactory(is_active=False)
    assert names(api.get(URL)) == []


NEW = {"sku": "N-1", "name": "Bench", "slug": "bench", "price": "99.90"}


def test_staff_add_a_product(grace, grace_api, django_assert_num_queries):
    category, tag = CategoryFactory(), TagFactory(slug="oak")
    body = NEW | {"category": category.pk, "tags": ["oak"]}
    with django_assert_num_queries(21):
        response = grace_api.post(URL, body)
    product = Product.objects.get()
    assert response.status_code == 201
    assert response.json()["sku"] == "N-1"
    assert response.json()["created_by"] == {"id": grace.pk, "name": "Grace H."}
    assert response.json()["stock"]["quantity"] == 0
    assert list(product.tags.all()) == [tag]
    first = product.price_changes.get()
    assert (first.price, first.changed_by) == (Decimal("99.90"), grace)


def test_a_product_is_refused_with_every_reason(grace_api):
    ProductFactory(sku="N-1", slug="bench")
    response = grace_api.post(URL, NEW | {"price": "-1", "category": 999, "tags": ["none"]})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {
        "sku": ["product with this sku already exists."],
        "slug": ["product with this slug already exists."],
        "price": ["Ensure this value is greater than or equal to 0.00."],
        "category": ['Invalid pk "999" - object does not exist.'],
        "tags": ["Object with slug=none does not exist."],
    }


def test_only_staff_add_products(api, ada_api):
    assert api.post(URL, NEW).status_code == 401
    response = ada_api.post(URL, NEW)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "permission_denied"


def test_units_sold_counts_each_order_once_with_many_reviews(api):
    product = ProductFactory()
    OrderLineFactory(order=OrderFactory(), product=product, quantity=2)
    ReviewFactory.create_batch(3, product=product)
    [row] = api.get(URL).json()["results"]
    assert (row["units_sold"], row["review_count"]) == (2, 3)
