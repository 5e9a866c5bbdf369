"""What an order costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monolith.orders.pricing import COUPON_DISCOUNTS, price_cart

prices = st.decimals(min_value=0, max_value=10_000, places=2)


def test_no_lines_cost_nothing():
    assert price_cart([]).total == Decimal("0.00")


def test_a_coupon_takes_its_share_rounded_half_up():
    quote = price_cart([(Decimal("0.05"), 1)], coupon="WELCOME10")
    assert (quote.subtotal, quote.discount, quote.total) == (
        Decimal("0.05"),
        Decimal("0.01"),
        Decimal("0.04"),
    )


def test_points_are_whole_units_paid():
    assert price_cart([(Decimal("9.99"), 2)]).loyalty_points == 19


def test_an_unknown_coupon_is_refused():
    with pytest.raises(KeyError, match="NOPE"):
        price_cart([(Decimal(1), 1)], coupon="NOPE")


@given(st.lists(st.tuples(prices, st.integers(1, 99))), st.sampled_from([*COUPON_DISCOUNTS, ""]))
def test_totals_have_two_places_and_never_exceed_the_sum(items, coupon):
    quote = price_cart(items, coupon=coupon)
    assert 0 <= quote.total <= quote.subtotal
    assert quote.total == quote.total.quantize(Decimal("0.01"))
