from django.db.models import Q
from django.shortcuts import get_object_or_404
from shop.models import Line, Order
from users.models import User


def by_parameter(user: User):
    return Order.objects.filter(user=user, total__gt=1).exclude(address=user.pk)


def by_request(request):
    return Line.objects.filter(order__user=request.user).first()


def by_row(pk):
    user = User.objects.get(pk=pk)
    return Order.objects.get(Q(user=user) | ~Q(total=1))


def by_page(pk):
    return Order.objects.filter(user=get_object_or_404(User, pk=pk))


def by_relation(order: Order):
    return Order.objects.filter(
        user=order.user,  # the same buyer
        address=order.address,
    )


def by_loop():
    for user in User.objects.filter(is_active=True):
        Order.objects.filter(user=user).update(total=0)


def by_guard(pk):
    user = User.objects.filter(pk=pk).first()
    if user is None:
        return None
    if user:
        return Order.objects.filter(user=user)
