from shop.models import Order
from users.models import User


def maybe(pk):
    return Order.objects.filter(user=User.objects.filter(pk=pk).first())


def default(user: User = None):
    return Order.objects.filter(user=user)


def null(user: User):
    return Order.objects.filter(gift_to=user)


def compared(order: Order, request):
    return order.gift_to == request.user
