"""Which status follows which."""

import pytest

from monolith.orders.models import Order
from monolith.orders.states import BY_HAND, TRANSITIONS, may_follow


def test_every_status_has_its_rule():
    assert set(TRANSITIONS) == set(Order.Status)


@pytest.mark.parametrize(
    ("current", "target", "allowed"),
    [
        ("pending", "paid", True),
        ("pending", "shipped", False),
        ("paid", "shipped", True),
        ("paid", "cancelled", True),
        ("shipped", "cancelled", False),
        ("shipped", "delivered", True),
        ("delivered", "refunded", True),
        ("cancelled", "paid", False),
        ("refunded", "pending", False),
    ],
)
def test_a_status_leads_only_where_it_may(current, target, allowed):
    assert may_follow(current, target) is allowed


def test_money_statuses_are_never_set_by_hand():
    assert {"shipped", "delivered"} == BY_HAND
