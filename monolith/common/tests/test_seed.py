"""The seed: the same rows for the same seed, rows that fit together, nothing lost by accident."""

from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Sum

from monolith.common.seeding import insert
from monolith.common.seeding.clock import PRESENT
from monolith.orders.models import Order, OrderLine, OrderStatusChange
from monolith.payments.models import Payment, Refund
from monolith.products.models import Category, PriceChange, Product, Review, Stock
from monolith.users.factories import DEFAULT_PASSWORD
from monolith.users.models import Address, Profile, User

pytestmark = pytest.mark.django_db

SMALL = {"users": 12, "products": 8, "orders": 60}
TABLES = (User, Profile, Address, Product, Stock, PriceChange, Review)
TABLES += (Order, OrderLine, OrderStatusChange, Payment, Refund)


def seed(*flags, **options):
    out = StringIO()
    call_command("seed", *flags, **(SMALL | {"verbosity": 0, "stdout": out} | options))
    return out.getvalue()


def everything():
    return {model: list(model.objects.order_by("pk").values_list()) for model in TABLES}


def without_keys():
    """Return all values but keys, which a reset does not always restart."""
    keep = {
        User: ("email", "first_name", "last_name", "password", "date_joined"),
        Profile: ("phone", "birth_date", "loyalty_points", "user__email"),
        Address: ("line1", "city", "postcode", "country"),
        Product: ("sku", "name", "price", "category__slug", "created_at", "updated_at"),
        Stock: ("product__sku", "quantity", "updated_at"),
        Order: ("number", "user__email", "status", "total", "placed_at", "updated_at"),
        OrderLine: ("order__number", "product__sku", "quantity", "unit_price", "product_name"),
        OrderStatusChange: ("order__number", "from_status", "to_status", "changed_at"),
        Payment: ("order__number", "amount", "status", "captured_at", "created_at"),
        Review: ("product__sku", "author__email", "rating", "text", "created_at"),
    }
    return {m: list(m.objects.order_by("pk").values_list(*names)) for m, names in keep.items()}


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_gives_the_same_rows():
    seed(seed=7)
    first = without_keys()
    seed("--reset", seed=7)
    assert without_keys() == first
    seed("--reset", seed=8)
    assert without_keys() != first


def test_makes_what_was_asked_for():
    seed()
    assert User.objects.count() == Profile.objects.count() == Address.objects.count() == 12
    assert Product.objects.count() == Stock.objects.count() == PriceChange.objects.count() == 8
    assert Order.objects.count() == Payment.objects.count() == 60
    assert not User.objects.filter(cart__isnull=True).exists()


def test_orders_add_up():
    seed()
    totals = Order.objects.annotate(sum=Sum(F("lines__quantity") * F("lines__unit_price")))
    assert all(order.sum == order.total for order in totals)
    assert not Payment.objects.exclude(amount=F("order__total")).exists()
    assert not Order.objects.exclude(shipping_address__user=F("user")).exists()
    assert not Payment.objects.exclude(method__user=F("order__user")).exists()


def test_histories_lead_to_the_status_and_payments_fit_it():
    seed(orders=300)
    for order in Order.objects.prefetch_related("status_changes").select_related("payment"):
        changes = list(order.status_changes.all())
        assert changes[0].from_status == ""
        assert changes[-1].to_status == order.status
        assert [change.from_status for change in changes[1:]] == [
            change.to_status for change in changes[:-1]
        ]
        assert changes[0].changed_at == order.placed_at
        assert changes[-1].changed_at == order.updated_at
        assert (order.payment.captured_at is not None) == (
            order.status not in {"pending", "cancelled"}
        )
    found = set(Order.objects.values_list("status", "payment__status"))
    assert found == {
        ("pending", "authorized"),
        ("paid", "captured"),
        ("shipped", "captured"),
        ("delivered", "captured"),
        ("cancelled", "failed"),
        ("refunded", "refunded"),
    }
    refunded = Payment.objects.filter(status="refunded").annotate(back=Sum("refunds__amount"))
    assert refunded
    assert all(payment.back == payment.amount for payment in refunded)


def test_times_are_those_of_the_made_up_past_and_orders_follow_their_makers():
    seed(orders=300)
    first, last = Order.objects.earliest("placed_at"), Order.objects.latest("placed_at")
    assert PRESENT - timedelta(days=731) < first.placed_at < last.placed_at < PRESENT
    assert not Order.objects.filter(user__date_joined__gt=F("placed_at")).exists()
    assert not OrderLine.objects.filter(product__created_at__gt=F("order__placed_at")).exists()
    assert Product.objects.filter(created_at__gt=PRESENT).count() == 0


def test_the_clock_is_automatic_again_afterwards():
    seed(orders=0)
    product = Product.objects.first()
    product.save()
    assert product.updated_at > PRESENT - timedelta(days=1)
    assert PriceChange.objects.create(product=product, price=1).changed_at is not None


def test_reviewers_bought_what_they_review():
    seed(orders=600)
    assert Review.objects.exists()
    for review in Review.objects.all():
        assert OrderLine.objects.filter(
            product=review.product, order__user=review.author, order__status="delivered"
        ).exists()


def test_some_customers_buy_far_more_than_others():
    seed(orders=600)
    counts = Counter(Order.objects.values_list("user__email", flat=True))
    assert max(counts.values()) > 2 * min(counts.values())


def test_seeded_people_can_log_in(client):
    said = seed(verbosity=1)
    assert "12 users, 8 products and 60 orders in" in said
    assert DEFAULT_PASSWORD in said
    assert client.login(username="staff@shop.test", password=DEFAULT_PASSWORD)
    assert User.objects.get(email="staff@shop.test").is_superuser
    assert client.login(username="user2@shop.test", password=DEFAULT_PASSWORD)


def test_refuses_a_database_with_rows_and_leaves_them():
    seed()
    before = everything()
    with pytest.raises(CommandError) as error:
        seed()
    assert error.value.returncode == 2
    assert str(error.value) == (
        "The database is not empty: it has 12 users.User, 8 products.Product, 60 orders.Order. "
        "Pass --append to add to them, or --reset to delete every row of the database first."
    )
    assert everything() == before


def test_append_adds_without_touching_what_is_there():
    seed()
    before = everything()
    categories = Category.objects.count()
    seed("--append", seed=2)
    after = everything()
    assert all(after[model][: len(rows)] == rows for model, rows in before.items())
    assert User.objects.count() == 24
    assert Category.objects.count() == categories
    assert Order.objects.values("number").annotate(n=Count("id")).filter(n__gt=1).count() == 0


def test_a_failure_leaves_nothing_half_written(monkeypatch):
    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(insert, "_insert_orders", fail)
    with pytest.raises(OSError, match="disk full"):
        seed()
    assert not User.objects.exists()
    assert not Product.objects.exists()


@pytest.mark.parametrize("bad", ["--users=0", "--orders=-1", "--products=many"])
def test_refuses_numbers_that_make_no_sense(bad):
    with pytest.raises(CommandError, match="is not a whole number of at least"):
        call_command("seed", bad)
    assert not User.objects.exists()
