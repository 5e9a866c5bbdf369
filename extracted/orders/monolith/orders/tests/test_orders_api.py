"""The order list, one order, its history, and taking it back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from rest_framework.authtoken.models import Token

from monolith.audit.models import AuditEntry
from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.orders.models import Order
from monolith.payments.factories import PaymentFactory
from monolith.payments.gateways import get_gateway
from monolith.payments.tests.fixtures import api_for
from monolith.products.factories import CategoryFactory, ProductFactory
from monolith.products.models import Stock
from monolith.users.factories import UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/orders/"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def order_of(customer, **fields):
    return OrderFactory(user=customer.user, shipping_address=customer.address, **fields)


@pytest.fixture
def paid_for(customer, gateway):
    """An order of two lamps whose money the gateway holds."""
    order = order_of(customer, number="S1", placed_at=NOON, total=Decimal("25.00"))
    lamp = ProductFactory(
        sku="LAMP", name="Lamp", slug="lamp", price="12.50", category__name="Lights"
    )
    OrderLineFactory(order=order, product=lamp, quantity=2)
    reference = get_gateway().authorize(
        amount=order.total, currency="EUR", token="tok_visa", idempotency_key="seed"
    )
    PaymentFactory(order=order, method=customer.method, gateway_reference=reference)
    return order


def test_the_list_shows_ones_own_newest_first(customer):
    OrderFactory()
    early = order_of(customer, number="S1", placed_at=NOON, status="paid", total=Decimal("20.00"))
    late = order_of(customer, number="S2", placed_at=NOON + timedelta(hours=1))
    OrderLineFactory.create_batch(2, order=early)
    PaymentFactory(order=early, method=customer.method)
    response = customer.api.get(URL)
    assert response.status_code == 200
    assert response.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": late.pk,
                "number": "S2",
                "status": "pending",
                "customer": "ann@example.com",
                "line_count": 0,
                "total": "20.00",
                "currency": "EUR",
                "paid_with": None,
                "placed_at": "2026-03-01T13:00:00Z",
            },
            {
                "id": early.pk,
                "number": "S1",
                "status": "paid",
                "customer": "ann@example.com",
                "line_count": 2,
                "total": "20.00",
                "currency": "EUR",
                "paid_with": "Visa",
                "placed_at": "2026-03-01T12:00:00Z",
            },
        ],
    }


def test_the_list_takes_three_queries_however_long(customer, django_assert_num_queries):
    for _ in range(2):
        for _ in range(3):
            order = order_of(customer)
            OrderLineFactory(order=order)
            PaymentFactory(order=order, method=customer.method)
        with django_assert_num_queries(3):
            customer.api.get(URL)


def test_pages_follow_a_cursor_and_lose_nothing(customer):
    made = [order_of(customer, placed_at=NOON + timedelta(minutes=n // 2)) for n in range(7)]
    seen, url = [], f"{URL}?page_size=3"
    while url:
        page = customer.api.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == [order.pk for order in reversed(made)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("status=paid", ["S2"]),
        ("status=paid&status=pending", ["S2", "S1"]),
        ("placed_after=2026-03-02T00:00:00Z", ["S3", "S2"]),
        ("placed_before=2026-03-02T12:00:00Z", ["S1"]),
        ("placed_after=2026-03-02&placed_before=2026-03-03", ["S2"]),
        ("category=lights", ["S1"]),
        ("email=nobody", ["S3", "S2", "S1"]),
    ],
)
def test_the_list_can_be_narrowed(customer, query, numbers):
    statuses = ("pending", "paid", "shipped")
    orders = [
        order_of(customer, number=f"S{n + 1}", placed_at=NOON + timedelta(days=n), status=status)
        for n, status in enumerate(statuses)
    ]
    CategoryFactory(slug="empty")
    lights = CategoryFactory(slug="lights")
    OrderLineFactory.create_batch(2, order=orders[0], product__category=lights)
    OrderLineFactory(order=orders[1])
    rows = customer.api.get(f"{URL}?{query}").json()["results"]
    assert [row["number"] for row in rows] == numbers


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=lost", "status"), ("placed_after=soon", "placed_after"), ("category=x", "category")],
)
def test_bad_filters_are_named(customer, query, field):
    response = customer.api.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


def test_staff_see_everybodys_and_search_by_address(customer, staff):
    order_of(customer, number="S1", placed_at=NOON)
    OrderFactory(number="S2", user__email="bo@example.com", placed_at=NOON - timedelta(days=1))
    numbers = [row["number"] for row in staff.get(URL).json()["results"]]
    assert numbers == ["S1", "S2"]
    rows = staff.get(f"{URL}?email=BO@").json()["results"]
    assert [row["number"] for row in rows] == ["S2"]


def test_orders_need_an_account(anonymous):
    for url in (URL, f"{URL}1/", f"{URL}1/history/"):
        assert anonymous.get(url).status_code == 401


def test_an_order_carries_an_etag_over_all_it_shows(customer, paid_for, staff):
    url = f"{URL}{paid_for.pk}/"
    first = customer.api.get(url)
    assert first.status_code == 200
    assert first.json()["lines"][0]["product"]["category"] == "Lights"
    again = customer.api.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    staff.post(f"/api/payments/{paid_for.payment.pk}/capture/")
    changed = customer.api.get(url, headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["status"]) == (200, "paid")
    assert changed["ETag"] != first["ETag"]


def test_an_order_takes_six_queries_however_many_lines(customer, django_assert_num_queries):
    order = order_of(customer)
    for _ in range(2):
        OrderLineFactory.create_batch(3, order=order)
        with django_assert_num_queries(6):
            assert customer.api.get(f"{URL}{order.pk}/").json()["payment"] is None


def test_orders_of_others_are_not_found(customer):
    url = f"{URL}{OrderFactory().pk}/"
    not_found = {"error": {"code": "not_found", "message": "Not found."}}
    assert customer.api.get(url).json() == not_found
    assert customer.api.get(f"{url}history/").json() == not_found
    assert customer.api.post(f"{url}cancel/").json() == not_found


def test_cancelling_lets_the_money_go_and_brings_the_goods_back(customer, paid_for, gateway):
    product = paid_for.lines.get().product
    customer.user.profile.loyalty_points = 30
    customer.user.profile.save()
    response = customer.api.post(f"{URL}{paid_for.pk}/cancel/", {"note": "too dark"})
    body = response.json()
    assert response.status_code == 200
    assert (body["status"], body["payment"]["status"]) == ("cancelled", "failed")
    assert body["customer"]["loyalty_points"] == 5
    assert Stock.objects.get(product=product).quantity == 102
    assert gateway.statuses == ["voided"]
    history = customer.api.get(f"{URL}{paid_for.pk}/history/").json()
    assert history[0].pop("changed_at")
    assert history == [
        {
            "from_status": "pending",
            "to_status": "cancelled",
            "changed_by": "ann@example.com",
            "note": "too dark",
        }
    ]
    verbs = AuditEntry.objects.filter(actor=customer.user).values_list("verb", flat=True)
    assert set(verbs) == {"user.registered", "order.cancelled", "payment.voided"}


@pytest.mark.parametrize("status", [None, "failed", "refunded"])
def test_an_order_without_money_to_return_can_be_cancelled(customer, status, gateway):
    order = order_of(customer)
    if status:
        PaymentFactory(order=order, method=customer.method, status=status)
    body = customer.api.post(f"{URL}{order.pk}/cancel/").json()
    assert body["status"] == "cancelled"
    assert (body["payment"] or {}).get("status") == status
    assert gateway.statuses == []


def test_a_gateway_that_does_not_answer_leaves_the_order_standing(
    customer, paid_for, settings, gateway
):
    settings.FAKE_GATEWAY_URL = "http://127.0.0.1:1"
    response = customer.api.post(f"{URL}{paid_for.pk}/cancel/")
    assert response.status_code == 502
    paid_for.refresh_from_db()
    assert paid_for.status == "pending"
    assert Stock.objects.get(product=paid_for.lines.get().product).quantity == 100


@pytest.mark.parametrize("status", ["shipped", "delivered", "cancelled", "refunded"])
def test_what_has_left_cannot_be_cancelled(customer, paid_for, status):
    Order.objects.update(status=status)
    response = customer.api.post(f"{URL}{paid_for.pk}/cancel/")
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "invalid_transition",
            "message": f"An order that is {status} cannot become cancelled.",
        }
    }


def test_staff_move_an_order_on_step_by_step(customer, staff, paid_for):
    url = f"{URL}{paid_for.pk}/history/"
    too_soon = staff.post(url, {"to_status": "shipped"})
    assert (too_soon.status_code, too_soon.json()["error"]["code"]) == (409, "invalid_transition")
    staff.post(f"/api/payments/{paid_for.payment.pk}/capture/")
    staff.post(url, {"to_status": "shipped", "note": "by van"})
    response = staff.post(url, {"to_status": "delivered"})
    assert response.status_code == 201
    steps = [(step["from_status"], step["to_status"], step["note"]) for step in response.json()]
    assert steps == [
        ("pending", "paid", "payment captured"),
        ("paid", "shipped", "by van"),
        ("shipped", "delivered", ""),
    ]
    assert customer.api.get(url).json() == response.json()


def test_money_statuses_are_not_set_by_hand(staff, paid_for):
    response = staff.post(f"{URL}{paid_for.pk}/history/", {"to_status": "paid"})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == ["to_status"]


def test_customers_do_not_set_statuses(customer, paid_for):
    response = customer.api.post(f"{URL}{paid_for.pk}/history/", {"to_status": "shipped"})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "permission_denied"


def test_the_history_takes_four_queries(customer, paid_for, django_assert_num_queries):
    for user in UserFactory.create_batch(3):
        paid_for.status_changes.create(to_status="paid", changed_by=user)
    with django_assert_num_queries(4):
        customer.api.get(f"{URL}{paid_for.pk}/history/")


def test_a_token_opens_the_same_doors(customer, paid_for):
    key = Token.objects.create(user=customer.user).key
    response = api_for().get(f"{URL}{paid_for.pk}/", headers={"Authorization": f"Token {key}"})
    assert response.status_code == 200
