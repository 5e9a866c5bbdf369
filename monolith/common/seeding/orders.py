"""Orders with lines, payment, refund, history and reviews, spread over two years.

Orders, refunds and reviews come from their factories. Lines, payments and history only repeat
what the order and its products say, so they are built plainly: that is four times faster.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from monolith.common.seeding.clock import PRESENT
from monolith.common.seeding.customers import Customer
from monolith.orders.factories import OrderFactory
from monolith.orders.models import Order, OrderLine, OrderStatusChange
from monolith.payments.factories import RefundFactory
from monolith.payments.models import Payment, Refund
from monolith.products.factories import ReviewFactory
from monolith.products.models import Product, Review

SPAN = timedelta(days=730)
STEP_MAX_S = 2 * 86_400
MAX_LINES = 4
REVIEW_SHARE = 0.05

Status = Order.Status
PATHS: dict[str, tuple[str, ...]] = {
    Status.PENDING: (Status.PENDING,),
    Status.PAID: (Status.PENDING, Status.PAID),
    Status.SHIPPED: (Status.PENDING, Status.PAID, Status.SHIPPED),
    Status.DELIVERED: (Status.PENDING, Status.PAID, Status.SHIPPED, Status.DELIVERED),
    Status.CANCELLED: (Status.PENDING, Status.CANCELLED),
    Status.REFUNDED: (Status.PENDING, Status.PAID, Status.SHIPPED, Status.REFUNDED),
}
WEIGHTS = {"pending": 4, "paid": 8, "shipped": 8, "delivered": 70, "cancelled": 6, "refunded": 4}
PAYMENT_STATUS: dict[str, str] = {
    Status.PENDING: Payment.Status.AUTHORIZED,
    Status.CANCELLED: Payment.Status.FAILED,
    Status.REFUNDED: Payment.Status.REFUNDED,
}


@dataclass(frozen=True)
class OrderBundle:
    """The unsaved rows of one order; they name each other, so save the order first."""

    order: Order
    lines: Sequence[OrderLine]
    changes: Sequence[OrderStatusChange]
    payment: Payment
    refund: Refund | None
    review: Review | None


def build_orders(
    *,
    count: int,
    first_number: int,
    customers: Sequence[Customer],
    products: Sequence[Product],
    rng: random.Random,
) -> Iterator[OrderBundle]:
    """Yield orders from the first placed to the last; some customers buy far more than others.

    Amounts add up, the history leads to the status, and the payment fits the status.
    """
    statuses, weights = list(WEIGHTS), list(WEIGHTS.values())
    reviewed: set[tuple[int, int]] = set()
    for index in range(count):
        position = (index + rng.random()) / count
        yield _build_order(
            number=first_number + index,
            customer=customers[int(len(customers) * rng.random() ** 2)],
            products=rng.sample(products, min(len(products), rng.randint(1, MAX_LINES))),
            status=rng.choices(statuses, weights)[0],
            placed_at=PRESENT - SPAN + SPAN * position,
            reviewed=reviewed,
            rng=rng,
        )


def _build_order(
    *,
    number: int,
    customer: Customer,
    products: Sequence[Product],
    status: str,
    placed_at: datetime,
    reviewed: set[tuple[int, int]],
    rng: random.Random,
) -> OrderBundle:
    quantities = [rng.choice((1, 1, 1, 2, 3)) for _ in products]
    moments = [placed_at]
    for _ in PATHS[status][1:]:
        moments.append(moments[-1] + timedelta(seconds=rng.randint(60, STEP_MAX_S)))
    order = OrderFactory.build(
        number=f"S{number:010d}",
        user=customer.user,
        shipping_address=customer.address,
        status=status,
        total=sum(
            (
                product.price * quantity
                for product, quantity in zip(products, quantities, strict=True)
            ),
            Decimal("0.00"),
        ),
        placed_at=placed_at,
        updated_at=moments[-1],
    )
    payment = _build_payment(order, customer, moments)
    return OrderBundle(
        order=order,
        lines=_build_lines(order, products, quantities),
        changes=_build_changes(order, moments),
        payment=payment,
        refund=_build_refund(payment, moments[-1]) if status == Status.REFUNDED else None,
        review=_build_review(order, products[0], moments[-1], reviewed, rng),
    )


def _build_lines(
    order: Order, products: Sequence[Product], quantities: Sequence[int]
) -> list[OrderLine]:
    return [
        OrderLine(
            order=order,
            product_id=product.pk,
            quantity=quantity,
            unit_price=product.price,
            product_name=product.name,
        )
        for product, quantity in zip(products, quantities, strict=True)
    ]


def _build_changes(order: Order, moments: Sequence[datetime]) -> list[OrderStatusChange]:
    path = PATHS[order.status]
    return [
        OrderStatusChange(order=order, from_status=before, to_status=after, changed_at=moment)
        for before, after, moment in zip(("", *path), path, moments, strict=False)
    ]


def _build_payment(order: Order, customer: Customer, moments: Sequence[datetime]) -> Payment:
    status = PAYMENT_STATUS.get(order.status, Payment.Status.CAPTURED)
    captured = status in {Payment.Status.CAPTURED, Payment.Status.REFUNDED}
    return Payment(
        order=order,
        method_id=customer.method.pk,
        amount=order.total,
        currency=order.currency,
        status=status,
        gateway_reference=f"seed_{order.number}",
        captured_at=moments[1] if captured else None,
        failure_reason="voided" if status == Payment.Status.FAILED else "",
        created_at=order.placed_at,
    )


def _build_refund(payment: Payment, moment: datetime) -> Refund:
    return RefundFactory.build(
        payment=payment,
        reason="sent back",
        gateway_reference=f"{payment.gateway_reference}_refund",
        created_at=moment,
    )


def _build_review(
    order: Order,
    product: Product,
    moment: datetime,
    reviewed: set[tuple[int, int]],
    rng: random.Random,
) -> Review | None:
    if order.status != Status.DELIVERED or rng.random() > REVIEW_SHARE:
        return None
    key = (product.pk, order.user.pk)
    if key in reviewed:
        return None
    reviewed.add(key)
    return ReviewFactory.build(product=product, author=order.user, created_at=moment)
