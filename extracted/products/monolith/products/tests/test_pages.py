"""The catalogue's HTML pages, its admin, and what is not there."""

import pytest
from django.utils.html import strip_tags

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.products.factories import (
    CategoryFactory,
    ProductFactory,
    ReviewFactory,
    TagFactory,
)
from monolith.users.factories import UserFactory

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.fixture
def kettle(grace):
    kettle = ProductFactory(
        name="Kettle",
        category=CategoryFactory(name="Kitchen"),
        price="24.50",
        stock__quantity=7,
        created_by=grace,
        tags=[TagFactory(name="Gift")],
    )
    cup = ProductFactory(name="Cup", category=kettle.category)
    order = OrderFactory(user=UserFactory(email="buyer@shop.test"))
    for product in (kettle, cup):
        OrderLineFactory(order=order, product=product, quantity=3)
    author = UserFactory(first_name="Alan", last_name="Turing")
    ReviewFactory(product=kettle, author=author, rating=4, text="Hot & quick.")
    return kettle


def test_home_shows_best_sellers_and_categories(client, kettle, django_assert_num_queries):
    with django_assert_num_queries(5):
        response = client.get("/")
    assert response.status_code == 200
    assert "Kitchen (2)" in text_of(response)
    assert "Kettle Kitchen" in text_of(response)
    assert "4.0 of 5 (1) 24.50 EUR in stock 3 sold" in text_of(response).replace("&middot; ", "")


def test_an_empty_shop_has_a_home(client):
    assert "Nothing on sale yet." in text_of(client.get("/"))


def test_the_list_searches_and_pages(client, kettle, django_assert_num_queries):
    ProductFactory.create_batch(30)
    with django_assert_num_queries(4):
        response = client.get("/products/?q=product")
    assert "Page 1 of 2" in text_of(response)
    assert 'href="?q=product&amp;page=2"' in response.content.decode()
    assert "Kettle" not in text_of(response)
    assert "Page 2 of 2" in text_of(client.get("/products/?q=product&page=2"))


def test_the_detail_names_authors_and_companions(client, kettle, django_assert_num_queries):
    with django_assert_num_queries(5):
        response = client.get("/products/kettle/")
    page = text_of(response)
    assert response.status_code == 200
    for shown in (
        "24.50 EUR 7 in stock",
        "Chosen by Grace H.",
        "4 of 5 by Alan T.",
        "Hot &amp; quick.",
        "Bought together Cup",
        "1 orders",
    ):
        assert shown in page


def test_inactive_products_have_no_page(client):
    ProductFactory(slug="gone", is_active=False)
    response = client.get("/products/gone/")
    assert response.status_code == 404
    assert "Not found" in text_of(response)


def test_an_unknown_api_address_is_answered_in_the_one_shape(client):
    response = client.get("/api/nothing/")
    assert response.status_code == 404
    assert response.json() == {
        "error": {"code": "not_found", "message": "There is nothing at /api/nothing/."}
    }


def test_the_admin_shows_who_bought_a_product(client, kettle, grace):
    grace.is_superuser = True
    grace.save()
    client.force_login(grace)
    response = client.get(f"/admin/products/product/{kettle.pk}/change/")
    assert response.status_code == 200
    assert "buyer@shop.test" in response.content.decode()
    assert client.get("/admin/products/product/?q=grace@shop.test").status_code == 200
    assert client.get("/admin/products/product/add/").status_code == 200
