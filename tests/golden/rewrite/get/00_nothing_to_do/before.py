from shop.models import Order


def order_of(pk):
    return Order.objects.get(pk=pk)  # our own rows


def get(mapping, key):
    return mapping.get(key)
