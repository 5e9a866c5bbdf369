from shop.models import Order
from users.models import Address


class Address2:
    Kind = Address


def untold(address: Address):
    return Address.Zone.HERE, Address.objects, address.Kind, Address2.Kind, Order.Kind
