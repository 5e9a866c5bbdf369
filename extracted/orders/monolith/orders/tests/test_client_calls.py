"""What the order pages ask of other services once the shop is rewritten; of the coupled one, 0."""

import pytest

from monolith.orders.factories import OrderFactory
from strangler.client.budget import call_budget

pytestmark = pytest.mark.django_db

MOST_CALLS = 2


def test_a_page_of_200_orders_asks_once_for_each_relation(grace_api):
    OrderFactory.create_batch(200)
    with call_budget(MOST_CALLS):
        page = grace_api.get("/api/orders/", {"page_size": 200}).json()
    shown = {order["customer"] for order in page["results"]}
    assert len(page["results"]) == len(shown) == 200
