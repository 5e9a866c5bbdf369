"""One product: its body, conditional requests, and changes by staff."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.http import http_date

from monolith.audit.models import AuditEntry
from monolith.products.factories import CategoryFactory, ProductFactory, ReviewFactory, TagFactory
from monolith.products.models import PriceChange, Product, Stock
from monolith.users.factories import UserFactory

pytestmark = pytest.mark.django_db


def iso(moment):
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def kettle(grace):
    return ProductFactory(
        sku="K-1",
        name="Kettle",
        description="Boils.",
        category=CategoryFactory(name="Kitchen"),
        price=Decimal("24.50"),
        stock__quantity=9,
        stock__reserved=2,
        tags=[TagFactory(name="Gift")],
        created_by=grace,
    )


@pytest.fixture
def url(kettle):
    return f"/api/products/{kettle.pk}/"


def test_nests_stock_creator_reviews_and_prices(api, kettle, url, grace, django_assert_num_queries):
    author = UserFactory(first_name="Alan", last_name="Turing")
    review = ReviewFactory(product=kettle, author=author, rating=4, text="Hot.")
    change = PriceChange.objects.create(product=kettle, price="24.50", changed_by=grace)
    kettle.refresh_from_db()
    with django_assert_num_queries(4):
        response = api.get(url)
    assert response.status_code == 200
    assert response.json() == {
        "id": kettle.pk,
        "sku": "K-1",
        "name": "Kettle",
        "slug": "kettle",
        "price": "24.50",
        "currency": "EUR",
        "description": "Boils.",
        "is_active": True,
        "category": {"id": kettle.category.pk, "name": "Kitchen", "slug": "kitchen"},
        "tags": ["gift"],
        "stock": {
            "quantity": 9,
            "reserved": 2,
            "available": 7,
            "updated_at": iso(kettle.stock.updated_at),
        },
        "created_by": {"id": grace.pk, "name": "Grace H."},
        "latest_reviews": [
            {
                "id": review.pk,
                "author": {"id": author.pk, "name": "Alan T."},
                "rating": 4,
                "text": "Hot.",
                "created_at": iso(review.created_at),
            }
        ],
        "latest_price_changes": [{"price": "24.50", "changed_at": iso(change.changed_at)}],
        "created_at": iso(kettle.created_at),
        "updated_at": iso(kettle.updated_at),
    }


def test_costs_the_same_for_many_reviews(api, kettle, url, django_assert_num_queries):
    ReviewFactory.create_batch(7, product=kettle)
    with django_assert_num_queries(4):
        response = api.get(url)
    assert len(response.json()["latest_reviews"]) == 5


def test_an_unknown_product_is_not_found(api):
    response = api.get("/api/products/999/")
    assert response.status_code == 404
    assert response.json() == {"error": {"code": "not_found", "message": "Not found."}}


def test_an_inactive_product_exists_for_staff_only(api, ada_api, grace_api):
    hidden = ProductFactory(is_active=False)
    url = f"/api/products/{hidden.pk}/"
    statuses = [client.get(url).status_code for client in (api, ada_api, grace_api)]
    assert statuses == [404, 404, 200]


def test_the_etag_answers_304_without_a_body(api, url):
    first = api.get(url)
    etag = first["ETag"]
    assert etag.startswith('"')
    again = api.get(url, HTTP_IF_NONE_MATCH=f'"other", {etag}')
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Last-Modified"]) == (etag, first["Last-Modified"])


@pytest.mark.parametrize(
    "change",
    [
        lambda product: Product.objects.filter(pk=product.pk).update(price="1.00"),
        lambda product: Stock.objects.filter(product=product).update(quantity=8),
        lambda product: ReviewFactory(product=product),
        lambda product: product.tags.clear(),
        lambda product: type(product.created_by).objects.update(first_name="Amazing"),
    ],
    ids=["price", "stock", "review", "tags", "creator"],
)
def test_the_etag_changes_with_whatever_is_shown(api, kettle, url, change):
    etag = api.get(url)["ETag"]
    change(kettle)
    response = api.get(url, HTTP_IF_NONE_MATCH=etag)
    assert response.status_code == 200
    assert response["ETag"] != etag


def test_last_modified_is_that_of_the_newest_part(api, kettle, url):
    moment = timezone.now() + timedelta(hours=1)
    Stock.objects.filter(product=kettle).update(updated_at=moment)
    response = api.get(url)
    assert response["Last-Modified"] == http_date(moment.timestamp())
    since = {"HTTP_IF_MODIFIED_SINCE": response["Last-Modified"]}
    assert api.get(url, **since).status_code == 304
    since = {"HTTP_IF_MODIFIED_SINCE": http_date(moment.timestamp() - 1)}
    assert api.get(url, **since).status_code == 200


def test_staff_change_the_price_and_it_goes_on_record(
    kettle, url, grace, grace_api, django_assert_num_queries
):
    with django_assert_num_queries(18):
        response = grace_api.patch(url, {"price": "19.90"})
    assert response.status_code == 200
    assert response.json()["price"] == "19.90"
    assert response["ETag"] == grace_api.get(url)["ETag"]
    change = kettle.price_changes.get()
    assert (change.price, change.changed_by) == (Decimal("19.90"), grace)
    entry = AuditEntry.objects.filter(verb="product.price_changed").get()
    assert (entry.actor, entry.target) == (grace, kettle)
    assert entry.data == {"from_price": "24.50", "to_price": "19.90"}


def test_the_same_price_is_no_change(kettle, url, grace_api):
    assert grace_api.patch(url, {"price": "24.50", "tags": []}).status_code == 200
    assert not kettle.price_changes.exists()
    assert not kettle.tags.exists()


def test_if_match_lets_the_right_version_through(url, grace_api):
    etag = grace_api.get(url)["ETag"]
    assert grace_api.patch(url, {"price": "1.00"}, HTTP_IF_MATCH=etag).status_code == 200
    assert grace_api.patch(url, {"price": "2.00"}, HTTP_IF_MATCH="*").status_code == 200


def test_if_match_refuses_a_change_to_another_version(kettle, url, grace_api):
    etag = grace_api.get(url)["ETag"]
    grace_api.patch(url, {"price": "1.00"})
    response = grace_api.patch(url, {"price": "2.00"}, HTTP_IF_MATCH=etag)
    assert response.status_code == 412
    assert response.json() == {
        "error": {
            "code": "precondition_failed",
            "message": "The object has changed since it was read. Read it again and repeat.",
        }
    }
    kettle.refresh_from_db()
    assert kettle.price == Decimal("1.00")


def test_a_bad_change_changes_nothing(kettle, url, grace_api):
    response = grace_api.patch(url, {"price": "free", "name": "Pot"})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {"price": ["A valid number is required."]}
    kettle.refresh_from_db()
    assert kettle.name == "Kettle"


def test_only_staff_change_products(api, ada_api, url):
    assert api.patch(url, {"price": "1"}).status_code == 401
    assert ada_api.patch(url, {"price": "1"}).status_code == 403


def test_products_are_neither_replaced_nor_deleted(url, grace_api):
    for method in (grace_api.put, grace_api.delete):
        response = method(url)
        assert response.status_code == 405
        assert response.json()["error"]["code"] == "method_not_allowed"
