"""Reads of one user."""

from django.http import JsonResponse
from shop.models import Order
from users.models import Address, User


def name_of(user_id):
    user = User.objects.get(pk=user_id)  # raises DoesNotExist
    return user.name


def by_email(email):
    # as they typed it
    user = (
        User.objects
        .filter(is_active=True)
        .exclude(name="")
        .get(email__iexact=email.strip())
    )
    return f"{user.name} <{user.email}> {user.pk!r:>4}"


def place(request, order_id):
    order = Order.objects.get(pk=order_id)
    address = Address.objects.get(user=order.user, is_default=True)
    if (boss := User.objects.get(id=address.user_id)).boss_id is None:
        return JsonResponse({"city": address.city, "boss": boss.greeting()})
    return JsonResponse({"names": [User.objects.get(pk=each).name for each in (1, 2)]})


@property
def nested(self):
    def inner(pk: int) -> str:
        return User._default_manager.get(pk__exact=pk).get_username()

    return [inner, lambda pk: User.objects.get(pk=pk).name]
