import datetime

from shop.models import Order
from users import services
from users.models import User
from users.services import ClosedError, Desk, receipt_write


def pay(order: Order, number: str) -> str:
    # the receipt of an order
    receipt = receipt_write(order, order.user, number=number)
    return receipt.number


def pay_with_fee(order: Order, number: str):
    user = User.objects.get(pk=1)
    try:
        services.receipt_write(order=order, user=user, fee=None, number=f"{number}-a-number-of-some-length")
    except (ClosedError, ValueError):
        return False
    return True


def close(order: Order) -> bool:
    try:
        Desk.close(order.user, on=datetime.date.today())
    except ClosedError:
        return False
    return True


def report(ids: list[int]) -> list[str]:
    count = services.cities(ids, {"Rome": 2})
    numbers = [each.number for each in services.receipts_since(datetime.date.today())]
    return [*numbers, *Desk.names(limit=count)]
