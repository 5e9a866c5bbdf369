from shop.models import Line, Order


def texts(orders: "list[Order]"):
    for order in Order.objects.prefetch_related("notes"):
        print([note.text for note in order.notes.all()])
    return [address.city for order in orders for address in order.user.addresses.all()]


def watching(line: Line):
    return [user.name for user in line.watchers.all()]
