"""Reads of the orders app across users, products and payments."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import Http404
from django.utils import timezone

from monolith.orders import selectors
from monolith.orders.factories import CartLineFactory, OrderFactory, OrderLineFactory
from monolith.orders.models import Order
from monolith.payments.factories import PaymentFactory
from monolith.products.factories import CategoryFactory, ProductFactory
from monolith.users.factories import AddressFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_orders_are_found_by_address_whatever_its_case(customer):
    order = OrderFactory(user=customer.user)
    OrderFactory()
    assert list(selectors.orders_of_customer("ANN@Example.com")) == [order]


def test_orders_are_found_once_by_category():
    lights = CategoryFactory(slug="lights")
    order = OrderFactory()
    OrderLineFactory.create_batch(2, order=order, product__category=lights)
    OrderLineFactory()
    assert list(selectors.orders_with_category("lights")) == [order]


def test_customers_are_ranked_by_spend(customer):
    now = timezone.now()
    for hours, total in ((1, "10.00"), (2, "30.00")):
        OrderFactory(
            user=customer.user, total=Decimal(total), placed_at=now - timedelta(hours=hours)
        )
    latest = Order.objects.order_by("-placed_at").first()
    other = OrderFactory(total=Decimal("25.00"))
    OrderFactory(total=Decimal("900.00"), status="cancelled")
    rows = selectors.customers_by_spend(limit=5)
    assert [(u.pk, u.order_count, u.spent, u.latest_number) for u in rows] == [
        (customer.user.pk, 2, Decimal(40), latest.number),
        (other.user.pk, 1, Decimal(25), other.number),
    ]


def test_best_sellers_know_what_is_left():
    lamp = ProductFactory(
        sku="LAMP", name="Lamp", category__name="Lights", stock__quantity=9, stock__reserved=2
    )
    OrderLineFactory.create_batch(2, product=lamp, quantity=3, unit_price=Decimal("2.50"))
    OrderLineFactory(quantity=1)
    assert selectors.best_sellers(limit=1) == [
        {
            "sku": "LAMP",
            "name": "Lamp",
            "category__name": "Lights",
            "sold": 6,
            "revenue": Decimal("15.00"),
            "left": 7,
        }
    ]


def test_categories_that_never_sold_are_named():
    OrderLineFactory(product__category__name="Sold")
    CategoryFactory(name="Dusty")
    assert selectors.categories_never_sold() == ["Dusty"]


def test_emails_come_in_one_query(django_assert_num_queries):
    users = UserFactory.create_batch(3)
    with django_assert_num_queries(1):
        emails = selectors.emails_of(user.pk for user in users)
    assert emails == {user.pk: user.email for user in users}


def test_the_default_address_is_the_marked_one_or_the_first(customer):
    assert selectors.default_address(customer.user) == customer.address
    marked = AddressFactory(user=customer.user, is_default=True)
    assert selectors.default_address(customer.user) == marked
    assert selectors.default_address(UserFactory()) is None


def test_what_was_paid_is_summed_payment_by_payment(customer, django_assert_num_queries):
    for captured in (timezone.now(), None):
        PaymentFactory(
            order__user=customer.user, order__total=Decimal("9.50"), captured_at=captured
        )
    # orders; per order the payment; per captured one the refunds
    with django_assert_num_queries(4):
        assert selectors.paid_total(customer.user) == Decimal("9.50")


def test_an_order_belongs_to_who_placed_it(customer):
    order = OrderFactory(user=customer.user)
    assert selectors.placed_by(order, customer.user)
    assert not selectors.placed_by(order, UserFactory())


def test_products_are_bought_while_on_sale():
    product = ProductFactory()
    assert selectors.product_on_sale(product.pk) == product
    product.is_active = False
    product.save()
    with pytest.raises(Http404):
        selectors.product_on_sale(product.pk)


def test_products_running_out_are_those_in_carts():
    CartLineFactory(product=ProductFactory(sku="LOW", stock__quantity=2))
    CartLineFactory(product=ProductFactory(sku="MANY", stock__quantity=50))
    ProductFactory(stock__quantity=1)
    assert selectors.products_running_out(threshold=5) == ["LOW"]


def test_labels_walk_to_the_customer(customer):
    order = OrderFactory(number="S1", user=customer.user, shipping_address=customer.address)
    line = CartLineFactory(cart=customer.user.cart, product=ProductFactory(name="Lamp"))
    assert order.customer_label == "Ann Archer <ann@example.com> (0 points)"
    assert order.ships_to == "Long Lane 1, Leeds"
    assert str(order) == "S1 for ann@example.com"
    assert str(customer.user.cart) == "cart of ann@example.com"
    assert str(line) == "1 x Lamp"
