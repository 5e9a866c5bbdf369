"""Payment methods and payments made up for tests and the seed."""

import factory

from monolith.orders.factories import OrderFactory
from monolith.payments.models import Payment, PaymentMethod, Refund
from monolith.users.factories import UserFactory


class PaymentMethodFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaymentMethod

    user = factory.SubFactory(UserFactory)
    kind = PaymentMethod.Kind.CARD
    token = "tok_visa"  # noqa: S105 - what the fake gateway calls a good card
    last4 = "4242"
    brand = "Visa"


class PaymentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory)
    method = factory.SubFactory(PaymentMethodFactory, user=factory.SelfAttribute("..order.user"))
    amount = factory.SelfAttribute("order.total")
    currency = factory.SelfAttribute("order.currency")
    gateway_reference = factory.Sequence(lambda n: f"fake_{n:06d}")


class RefundFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Refund

    payment = factory.SubFactory(PaymentFactory)
    amount = factory.SelfAttribute("payment.amount")
