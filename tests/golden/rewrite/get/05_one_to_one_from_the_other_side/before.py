from shop.models import Line, Order


def letter(order_id):
    order = Order.objects.get(pk=order_id)
    if not hasattr(order, "receipt"):
        return ""
    return f"{order.receipt.number}."


def of_two(first: Order, second: Order):
    return first.receipt.number, second.receipt.number


def kept(order: Order):
    receipt = order.receipt
    return f"{receipt.number} for {receipt.user.email}"


def twice(order: Order):
    return f"{order.receipt.number} for {order.receipt.user.email}"


def of_line(line: Line):
    try:
        receipt = line.order.receipt
    except Order.receipt.RelatedObjectDoesNotExist:
        receipt = None
    return line.order.receipt.number, receipt


def changed(order: Order):
    order.receipt.number = "x"
    order.receipt.save()


def numbers(orders: "list[Order]"):
    return [order.receipt.number for order in orders]


class Page:
    def number(self, order: Order):
        return order.receipt.number


def changed_and_read(order: Order):
    order.receipt.number = "x"
    return order.receipt.number
