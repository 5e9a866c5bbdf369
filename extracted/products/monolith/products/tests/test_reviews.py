"""Reviews, by buyers only, and what was bought together."""

import pytest

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.products.factories import ProductFactory, ReviewFactory
from monolith.products.models import Review
from monolith.users.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kettle():
    return ProductFactory(name="Kettle")


@pytest.fixture
def url(kettle):
    return f"/api/products/{kettle.pk}/reviews/"


def test_reviews_name_their_authors_newest_first(api, kettle, url, django_assert_num_queries):
    author = UserFactory(first_name="Alan", last_name="")
    first = ReviewFactory(product=kettle, author=author, rating=2, text="Cold.")
    ReviewFactory.create_batch(2, product=kettle)
    with django_assert_num_queries(3):
        response = api.get(url)
    body = response.json()
    assert (response.status_code, body["count"], body["next"]) == (200, 3, None)
    assert body["results"][2] == {
        "id": first.pk,
        "author": {"id": author.pk, "name": "Alan"},
        "rating": 2,
        "text": "Cold.",
        "created_at": first.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_an_author_without_a_name_stays_anonymous(api, kettle, url):
    ReviewFactory(product=kettle, author=UserFactory(first_name="", last_name=""))
    assert api.get(url).json()["results"][0]["author"]["name"] == "A customer"


@pytest.mark.parametrize("status", ["pending", "cancelled", "refunded"])
def test_who_has_not_bought_it_may_not_review(ada, ada_api, kettle, url, status):
    OrderLineFactory(order=OrderFactory(user=ada, status=status), product=kettle)
    OrderLineFactory(order=OrderFactory(status="paid"), product=kettle)
    OrderLineFactory(order=OrderFactory(user=ada, status="paid"))
    response = ada_api.post(url, {"rating": 5})
    assert response.status_code == 403
    assert response.json() == {
        "error": {
            "code": "permission_denied",
            "message": "Only buyers of this product may review it.",
        }
    }
    assert not Review.objects.exists()


def test_a_second_review_is_refused(ada, ada_api, kettle, url):
    OrderLineFactory(order=OrderFactory(user=ada, status="paid"), product=kettle)
    ada_api.post(url, {"rating": 5})
    response = ada_api.post(url, {"rating": 1})
    assert response.status_code == 409
    assert response.json()["error"]["message"] == "You have reviewed this product already."
    assert Review.objects.get().rating == 5


@pytest.mark.parametrize(
    ("rating", "message"),
    [
        (0, "Ensure this value is greater than or equal to 1."),
        (6, "Ensure this value is less than or equal to 5."),
        ("good", "A valid integer is required."),
    ],
)
def test_ratings_go_from_one_to_five(ada_api, url, rating, message):
    response = ada_api.post(url, {"rating": rating})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {"rating": [message]}


def test_strangers_may_not_review(api, url):
    assert api.post(url, {"rating": 5}).status_code == 401


def test_bought_together_counts_orders(api, kettle, django_assert_num_queries):
    cup, tea, hidden = (
        ProductFactory(name="Cup", price="4.00"),
        ProductFactory(name="Tea"),
        ProductFactory(is_active=False),
    )
    for others in ([cup, tea], [cup, hidden]):
        order = OrderFactory()
        for product in (kettle, *others):
            OrderLineFactory(order=order, product=product)
    OrderLineFactory(product=tea)
    with django_assert_num_queries(2):
        response = api.get(f"/api/products/{kettle.pk}/bought-together/")
    assert response.status_code == 200
    body = response.json()
    assert body[0] == {
        "id": cup.pk,
        "sku": cup.sku,
        "name": "Cup",
        "slug": "cup",
        "price": "4.00",
        "currency": "EUR",
        "orders_together": 2,
    }
    assert [(product["name"], product["orders_together"]) for product in body[1:]] == [("Tea", 1)]


def test_bought_together_needs_a_product(api):
    assert api.get("/api/products/999/bought-together/").status_code == 404
