from shop.models import Order


def move(order: Order, city):
    if city:
        order.address.city = city.title()  # as it is written
        order.address.save()
    return order.address.city
