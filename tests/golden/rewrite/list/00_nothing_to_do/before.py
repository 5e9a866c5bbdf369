from shop.models import Order


def own():
    return [order.total for order in Order.objects.all()[:3]], list(Order.objects.filter(total=1))
