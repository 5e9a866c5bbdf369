from shop.models import Order


def numbers(text):
    return Order.objects.count(), text.count("a"), len(text), len(Order.objects.all())
