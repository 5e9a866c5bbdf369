from clients import users_client
from shop.models import Line, Order


def texts(orders: "list[Order]"):
    for order in Order.objects.prefetch_related("notes"):
        print([note.text for note in order.notes.all()])
    return [address.city for order in orders for address in users_client.list_addresses_by_user_id(
        user_id=order.user_id
    )]


def watching(line: Line):
    return [user.name for user in line.watchers.all()]
