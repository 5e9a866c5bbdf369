"""The order pages, as a browser gets them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertRedirects, assertTemplateUsed

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.payments.factories import PaymentFactory, RefundFactory
from monolith.products.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

ADDRESS = {
    "label": "work",
    "line1": "Short Street 2",
    "line2": "",
    "city": "York",
    "postcode": "YO1",
    "country": "GB",
}


@pytest.fixture
def order(customer):
    lamp = ProductFactory(name="Lamp", slug="lamp", category=CategoryFactory(name="Lights"))
    order = OrderFactory(
        number="S1",
        user=customer.user,
        shipping_address=customer.address,
        total=Decimal("25.00"),
        placed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    )
    OrderLineFactory(order=order, product=lamp, quantity=2, unit_price=Decimal("12.50"))
    PaymentFactory(order=order, method=customer.method)
    return order


def test_the_list_walks_from_order_to_category_and_card(customer, order):
    response = customer.api.get("/orders/")
    assertTemplateUsed(response, "orders/order_list.html")
    assertContains(response, "<p>Ann, you have 0 points and wrote 0 reviews.</p>", html=True)
    row = (
        '<tr><td><a href="/orders/S1/">S1</a></td><td>2026-03-01</td>'
        "<td>2 &times; Lamp (Lights)</td><td>Leeds</td><td>Visa</td><td>25.00 EUR</td>"
        "<td>Pending</td></tr>"
    )
    assertContains(response, row, html=True)


def test_the_list_is_cut_into_pages(customer):
    OrderFactory.create_batch(21, user=customer.user, shipping_address=customer.address)
    assertContains(customer.api.get("/orders/"), "Page 1 of 2")
    assertContains(customer.api.get("/orders/?page=2"), "Newer")


def test_no_orders_are_said_so(customer):
    assertContains(customer.api.get("/orders/"), "You have not ordered anything yet.")


def test_favourites_bought_are_shown_with_what_is_left(customer, order):
    lamp = order.lines.get().product
    customer.user.profile.favourite_products.add(lamp, ProductFactory(name="Never bought"))
    response = customer.api.get("/orders/")
    assertContains(response, '<li><a href="/products/lamp/">Lamp</a>, 100 left</li>', html=True)
    assert b"Never bought" not in response.content


def test_each_row_of_the_list_reads_its_relations(customer, order, django_assert_num_queries):
    # session, user, count, profile, reviews, favourites; orders; per order lines and address;
    # per line product and category
    with django_assert_num_queries(11):
        customer.api.get("/orders/")
    OrderLineFactory(order=order)
    with django_assert_num_queries(13):
        customer.api.get("/orders/")


def test_an_order_is_shown_whole(customer, order):
    RefundFactory(payment=order.payment, amount=Decimal("5.00"))
    order.status_changes.create(to_status="pending", changed_by=customer.user, note="hello")
    response = customer.api.get("/orders/S1/")
    assertTemplateUsed(response, "orders/order_detail.html")
    for part in (
        "Order S1",
        "Your first order with us: welcome!",
        "Ann Archer &lt;ann@example.com&gt;",
        "no phone",
        "Pending, placed 2026-03-01 12:00",
        "LS1 Leeds, GB",
        '<a href="/products/lamp/">Lamp</a>',
        "<td>Lights</td>",
        "Authorized with Visa",
        "given back: 5.00",
        "by Ann: hello",
        "Send it elsewhere",
    ):
        assertContains(response, part)


def test_a_second_order_is_no_first(customer, order):
    OrderFactory(number="S2", user=customer.user, shipping_address=customer.address)
    assert b"Your first order" not in customer.api.get("/orders/S2/").content


def test_an_order_that_has_not_left_can_be_sent_elsewhere(customer, order):
    response = customer.api.post("/orders/S1/", ADDRESS, format="multipart", follow=True)
    assertRedirects(response, "/orders/S1/")
    assertContains(response, "Order S1 goes to York.")
    order.refresh_from_db()
    assert order.ships_to == "Short Street 2, York"
    assert order.shipping_address.user == customer.user


def test_a_bad_address_is_shown_again(customer, order):
    response = customer.api.post("/orders/S1/", ADDRESS | {"city": ""}, format="multipart")
    assert response.status_code == 400
    assertContains(response, "This field is required.", status_code=400)
    assert customer.user.addresses.count() == 1


def test_what_has_left_goes_where_it_goes(customer, order):
    type(order).objects.update(status="shipped")
    response = customer.api.post("/orders/S1/", ADDRESS, format="multipart", follow=True)
    assertContains(response, "An order that is shipped cannot become readdressed.")
    assert customer.user.addresses.count() == 1


def test_orders_of_others_are_not_found(customer):
    OrderFactory(number="S9")
    assert customer.api.get("/orders/S9/").status_code == 404


@pytest.mark.parametrize("path", ["/orders/", "/orders/S1/"])
def test_the_pages_ask_who_is_there(anonymous, db, path):
    assertRedirects(anonymous.get(path), f"/account/login/?next={path}")
