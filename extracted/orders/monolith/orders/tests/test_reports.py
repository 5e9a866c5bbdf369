"""The sales report, as text, JSON and CSV."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.orders.models import Order
from monolith.payments.factories import PaymentFactory
from monolith.products.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PERIOD = ("--since", "2026-03-01", "--until", "2026-03-08")


def sell(customer, *lines, captured=True, **fields):
    order = OrderFactory(
        user=customer.user,
        shipping_address=customer.address,
        total=sum((Decimal(price) * quantity for _, quantity, price in lines), Decimal(0)),
        **{"placed_at": NOON, "status": "paid"} | fields,
    )
    for product, quantity, price in lines:
        OrderLineFactory(order=order, product=product, quantity=quantity, unit_price=Decimal(price))
    PaymentFactory(order=order, method=customer.method, captured_at=NOON if captured else None)
    return order


@pytest.fixture
def sales(customer):
    """Two paid orders in the period; four that do not count."""
    lamp = ProductFactory(category=CategoryFactory(name="Lights"))
    desk = ProductFactory(category=CategoryFactory(name="Desks"))
    customer.user.profile.loyalty_points = 7
    customer.user.profile.save()
    sell(customer, (lamp, 2, "10.10"), (desk, 1, "99.99"))
    sell(customer, (lamp, 1, "9.90"), placed_at=NOON + timedelta(days=6))
    sell(customer, (lamp, 50, "1.00"), captured=False)
    sell(customer, (lamp, 50, "1.00"), status="cancelled")
    sell(customer, (lamp, 50, "1.00"), placed_at=NOON - timedelta(days=1))
    sell(customer, (lamp, 50, "1.00"), placed_at=NOON + timedelta(days=7))


def report(capsys, *arguments):
    call_command("sales_report", *PERIOD, *arguments)
    return capsys.readouterr().out


def test_the_report_as_json(sales, capsys):
    assert json.loads(report(capsys, "--json")) == {
        "since": "2026-03-01T00:00:00Z",
        "until": "2026-03-08T00:00:00Z",
        "categories": [
            {
                "category": "Desks",
                "orders": 1,
                "customers": 1,
                "pieces": 1,
                "revenue": "99.99",
            },
            {
                "category": "Lights",
                "orders": 2,
                "customers": 1,
                "pieces": 3,
                "revenue": "30.10",
            },
        ],
        "customers": [
            {
                "email": "ann@example.com",
                "name": "Ann Archer",
                "orders": 2,
                "revenue": "130.09",
                "loyalty_points": 7,
                "latest_city": "Leeds",
            }
        ],
    }


def test_the_report_as_csv(sales, capsys):
    assert report(capsys, "--csv") == (
        "by,name,orders,revenue\n"
        "category,Desks,1,99.99\n"
        "category,Lights,2,30.10\n"
        "customer,ann@example.com,2,130.09\n"
    )


def test_the_report_as_text(sales, capsys):
    assert report(capsys) == (
        "Paid orders from 2026-03-01 to 2026-03-08\n\n"
        "category  orders  customers  pieces  revenue\n"
        "Desks          1          1       1    99.99\n"
        "Lights         2          1       3    30.10\n\n"
        "email            name        orders  revenue  loyalty points  latest city\n"
        "ann@example.com  Ann Archer       2   130.09               7  Leeds\n"
    )


def test_a_period_without_sales_has_only_headings(db, capsys):
    assert report(capsys, "--csv") == "by,name,orders,revenue\n"


def test_customers_are_cut_at_the_limit_best_first(sales, capsys, django_assert_num_queries):
    order = Order.objects.order_by("pk").first()
    other = OrderFactory(
        user__email="rich@example.com", total=Decimal(500), placed_at=order.placed_at
    )
    PaymentFactory(order=other, captured_at=NOON)
    # categories, customers, and for the one customer: profile, latest order, its address
    with django_assert_num_queries(5):
        rows = json.loads(report(capsys, "--json", "--limit", "1"))["customers"]
    assert [row["email"] for row in rows] == ["rich@example.com"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--since", "soon"), "'soon' is not a day like 2026-01-31"),
        (("--since", "2026-03-08", "--until", "2026-03-01"), "is not before --until 2026-03-01"),
        (("--limit", "0"), "--limit 0 is less than 1"),
        (("--json", "--csv"), "not allowed with argument"),
    ],
)
def test_bad_usage_is_said_in_words(db, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("sales_report", *arguments)
