from shop.models import Order


def own(mapping):
    return list(Order.objects.values("total")), list(mapping.values())
