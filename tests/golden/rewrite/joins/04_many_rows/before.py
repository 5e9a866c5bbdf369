from shop.models import Order


def any_in(city):
    return Order.objects.filter(user__addresses__city=city).exists()


def count_in(city, total):
    orders = Order.objects.filter(user__addresses__city=city, user__addresses__is_default=True)
    return Order.objects.filter(user__addresses__city=city, total=total).distinct().count(), orders
