from shop.models import Order


def newest():
    return Order.objects.order_by("-placed").first()
