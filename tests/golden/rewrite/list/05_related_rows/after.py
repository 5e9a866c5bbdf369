from clients import users_client
from shop.models import Order


def texts(order: Order):
    return [note.text for note in users_client.list_notes_by_order_id_and_text_contains_ordered_by_id_desc_limited(
        order_id=order.pk, text_contains="x", limit=2
    )]
