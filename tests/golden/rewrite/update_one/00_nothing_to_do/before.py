from shop.models import Order


def own(mapping, pk):
    mapping.update(total=1)
    return Order.objects.filter(pk=pk).update(total=1)
