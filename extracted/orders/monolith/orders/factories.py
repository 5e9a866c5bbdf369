"""Orders and carts made up for tests and the seed."""

from decimal import Decimal

import factory
from django.utils import timezone

from monolith.orders.models import Cart, CartLine, Order, OrderLine
from monolith.products.factories import ProductFactory
from monolith.users.factories import AddressFactory, UserFactory


class CartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cart
        django_get_or_create = ("user",)

    user = factory.SubFactory(UserFactory)


class CartLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CartLine

    cart = factory.SubFactory(CartFactory)
    product = factory.SubFactory(ProductFactory)
    quantity = 1


class OrderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Order

    number = factory.Sequence(lambda n: f"S{n:010d}")
    user = factory.SubFactory(UserFactory)
    shipping_address = factory.SubFactory(AddressFactory, user=factory.SelfAttribute("..user"))
    total = Decimal("20.00")
    placed_at = factory.LazyFunction(timezone.now)


class OrderLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory)
    product = factory.SubFactory(ProductFactory)
    quantity = 1
    unit_price = factory.SelfAttribute("product.price")
    product_name = factory.SelfAttribute("product.name")
