"""A process that checks out carts and dies at any moment; run in a rewritten shop by its test.

python tests/flows/buying.py ROUNDS      says "ready", and what became of it as JSON in the end
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up above
from django.db import connections  # noqa: E402

from monolith.common.errors import ApplicationError  # noqa: E402
from monolith.orders import saga  # noqa: E402
from monolith.orders.models import Cart, CartLine, Order, OrderLine  # noqa: E402
from monolith.orders.placing import Checkout  # noqa: E402
from monolith.payments.factories import PaymentMethodFactory  # noqa: E402
from monolith.payments.models import Payment, PaymentMethod  # noqa: E402
from monolith.products.factories import ProductFactory  # noqa: E402
from monolith.products.models import Product, Stock  # noqa: E402
from monolith.users.factories import AddressFactory, UserFactory  # noqa: E402
from monolith.users.models import Address, Profile, User  # noqa: E402
from strangler.client.saga.models import SagaRun  # noqa: E402

CUSTOMERS, PRODUCTS, PIECES = 4, 3, 40
PATIENCE_S = 60.0  # a circuit that opened closes again, a server that was killed comes back


def prepare() -> None:
    """Make customers, one of them with a bad card, and products."""
    call_command("migrate", verbosity=0)
    for product in ProductFactory.create_batch(PRODUCTS, price="12.50", currency="EUR"):
        Stock.objects.filter(product=product).update(quantity=PIECES)
    for number in range(CUSTOMERS):
        user = UserFactory(password="!")
        AddressFactory(user=user)
        PaymentMethodFactory(user=user, token="tok_visa" if number else "tok_decline")
    Profile.objects.update(loyalty_points=0)


def check_out(number: int) -> None:
    """Put something into somebody's cart, and order it."""
    method = random.choice(list(PaymentMethod.objects.order_by("pk")))
    cart, _ = Cart.objects.get_or_create(user_id=method.user_id)
    for product_id in random.sample(list(Product.objects.values_list("pk", flat=True)), 2):
        CartLine.objects.update_or_create(
            cart=cart, product_id=product_id, defaults={"quantity": random.randint(1, 3)}
        )
    user, address = User.objects.get(pk=method.user_id), Address.objects.get(user_id=method.user_id)
    wish = Checkout(user, address, method, idempotency_key=f"{os.getpid()}-{number}")
    try:
        saga.checkout(wish)
    except ApplicationError:
        return


def buy(rounds: int) -> None:
    """Let a process check out, kill it at any moment, and let the next one go on."""
    for _ in range(rounds):
        connections.close_all()
        begun, begins = os.pipe()
        child = os.fork()
        if not child:
            random.seed()
            for number in range(1000):
                os.write(begins, b".")
                check_out(number)
            os._exit(0)
        os.close(begins)
        for _checkout in range(random.randint(2, 4)):
            if not os.read(begun, 1):
                sys.exit("a buyer ended by itself")
        time.sleep(random.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(begun)


def end() -> None:
    """Let what was left go on to its end, and tell what there is."""
    open_runs = SagaRun.objects.exclude(way__in=["done", "undone"])
    left, until = open_runs.count(), time.monotonic() + PATIENCE_S
    while open_runs.exists() and time.monotonic() < until:
        open_runs.update(leased_until=None, retry_at=None)
        call_command("resume_sagas", verbosity=0, stdout=sys.stderr)
        time.sleep(0.3)
    pieces = Counter()
    for line in OrderLine.objects.all():
        pieces[line.product_id] += line.quantity
    orders = {order.pk: order for order in Order.objects.all()}
    points = Counter()
    for order in orders.values():
        points[order.user_id] += int(order.total)
    told = {
        "left": left,
        "ways": dict(Counter(SagaRun.objects.values_list("way", flat=True))),
        "orders": sorted(orders),
        "paid": sorted(Payment.objects.values_list("order_id", flat=True)),
        "wrong amounts": [
            payment.pk for payment in Payment.objects.all()
            if (payment.amount, payment.status) != (orders[payment.order_id].total, "authorized")
        ],
        "references": sorted(Payment.objects.values_list("gateway_reference", flat=True)),
        "missing pieces": {
            stock.pk: PIECES - stock.quantity - pieces[stock.product_id]
            for stock in Stock.objects.all()
            if stock.quantity + pieces[stock.product_id] != PIECES
        },
        "wrong points": [
            profile.user_id for profile in Profile.objects.all()
            if profile.loyalty_points != points[profile.user_id]
        ],
    }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    prepare()
    print("ready", flush=True)
    buy(int(sys.argv[1]))
    end()
