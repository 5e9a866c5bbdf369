"""What happens by itself: signals of other apps' models, and tasks by the clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monolith.orders.factories import CartLineFactory, OrderFactory, OrderLineFactory
from monolith.orders.letters import mail_fans, mail_stock_alert
from monolith.orders.models import Cart, Order
from monolith.orders.tasks import cancel_unpaid
from monolith.payments.factories import PaymentFactory
from monolith.payments.gateways import get_gateway
from monolith.products.factories import ProductFactory
from monolith.users.factories import UserFactory

pytestmark = pytest.mark.django_db


def fan_of(product, **fields):
    user = UserFactory(**fields)
    user.profile.marketing_opt_in = True
    user.profile.save()
    user.profile.favourite_products.add(product)
    return user


def test_every_user_has_a_cart_from_the_first_moment():
    user = UserFactory()
    assert Cart.objects.get(user=user) == user.cart
    user.save()
    assert Cart.objects.count() == 1


def test_carts_never_ask_for_more_than_was_counted():
    product = ProductFactory(stock__quantity=9)
    greedy = CartLineFactory(product=product, quantity=8)
    modest = CartLineFactory(product=product, quantity=1)
    product.stock.quantity = 4
    product.stock.save()
    greedy.refresh_from_db()
    modest.refresh_from_db()
    assert (greedy.quantity, modest.quantity) == (4, 1)


def test_fans_hear_when_a_product_is_back(outbox_letters):
    product = ProductFactory(name="Lamp", stock__quantity=0)
    fan_of(product, email="bo@example.com")
    fan_of(product, email="al@example.com")
    fan_of(product, is_active=False)
    quiet = fan_of(product)
    quiet.profile.marketing_opt_in = False
    quiet.profile.save()
    with outbox_letters as letters:
        product.stock.quantity = 3
        product.stock.save()
    assert [(letter.to, letter.subject) for letter in letters] == [
        (["al@example.com"], "Lamp is back"),
        (["bo@example.com"], "Lamp is back"),
    ]


def test_writing_to_fans_takes_two_queries_however_many(django_assert_num_queries):
    product = ProductFactory()
    for count in (2, 4):
        for _ in range(2):
            fan_of(product)
        with django_assert_num_queries(2):
            assert mail_fans(product.pk) == count


def test_staff_hear_what_is_running_out(mailoutbox, staff):
    assert mail_stock_alert(threshold=5) == 0
    CartLineFactory(product=ProductFactory(sku="LOW", stock__quantity=2))
    assert mail_stock_alert(threshold=5) == 1
    assert (mailoutbox[0].to, mailoutbox[0].body) == (["staff@example.com"], "LOW\n")


def test_orders_nobody_paid_are_cancelled_after_a_while(gateway, customer):
    long_ago = timezone.now() - timedelta(hours=49)
    for number, placed_at in (("S1", long_ago), ("S2", timezone.now())):
        order = OrderFactory(
            number=number,
            user=customer.user,
            shipping_address=customer.address,
            placed_at=placed_at,
        )
        OrderLineFactory(order=order)
        PaymentFactory(
            order=order,
            method=customer.method,
            gateway_reference=get_gateway().authorize(
                amount=order.total, currency="EUR", token="tok_visa", idempotency_key=number
            ),
        )
    assert cancel_unpaid(older_than_hours=48) == ["S1"]
    assert cancel_unpaid(older_than_hours=48) == []
    assert gateway.statuses == ["voided", "authorized"]
    cancelled = Order.objects.get(number="S1")
    assert cancelled.status == "cancelled"
    change = cancelled.status_changes.get()
    assert (change.changed_by, change.note) == (None, "unpaid for 48 hours")
