import datetime

from clients import users_client
from shop.models import Order
from users.models import User


def pay(order: Order, number: str) -> str:
    # the receipt of an order
    receipt = users_client.write_receipt(
        order_id=order.pk, order_total=order.total, user_id=order.user_id, number=number
    )
    return receipt.number


def pay_with_fee(order: Order, number: str):
    user = User.objects.get(pk=1)
    try:
        users_client.write_receipt_with_fee(
            order_id=order.pk,
            order_total=order.total,
            user_id=user.pk,
            fee=None,
            number=f"{number}-a-number-of-some-length",
        )
    except (users_client.ClosedError, ValueError):
        return False
    return True


def close(order: Order) -> bool:
    try:
        users_client.desk_close(user_id=order.user_id, on=datetime.date.today())
    except users_client.ClosedError:
        return False
    return True


def report(ids: list[int]) -> list[str]:
    count = users_client.cities(ids=ids, weights={"Rome": 2})
    numbers = [each.number for each in users_client.receipts_since(day=datetime.date.today())]
    return [*numbers, *users_client.desk_names(limit=count)]
