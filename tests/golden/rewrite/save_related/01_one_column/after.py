from clients import users_client
from shop.models import Order


def move(order: Order, city):
    if city:
        users_client.update_address_by_id_setting_city(id=order.address_id, city=city.title())  # as it is written
        order.address = users_client.get_address(id=order.address_id)
    return order.address.city
