from shop.models import Order


def own(ids):
    return Order.objects.in_bulk(ids)
