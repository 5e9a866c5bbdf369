"""Reads of one user."""

from clients import users_client
from django.http import JsonResponse
from shop.models import Order
from users.models import User


def name_of(user_id):
    user = users_client.get_user(id=user_id)  # raises DoesNotExist
    return user.name


def by_email(email):
    # as they typed it
    user = users_client.get_user_by_email_iexact_and_is_active_excluding_name(
        is_active=True, not_name="", email_iexact=email.strip()
    )
    return f"{user.name} <{user.email}> {user.pk!r:>4}"


def place(request, order_id):
    order = Order.objects.get(pk=order_id)
    address = users_client.get_address_by_is_default_and_user_id(
        user_id=order.user_id, is_default=True
    )
    if (boss := users_client.get_user(id=address.user_id)).boss_id is None:
        return JsonResponse({"city": address.city, "boss": boss.greeting()})
    return JsonResponse({"names": [users_client.get_user(id=each).name for each in (1, 2)]})


@property
def nested(self):
    def inner(pk: int) -> str:
        return User._default_manager.get(pk__exact=pk).get_username()

    return [inner, lambda pk: users_client.get_user(id=pk).name]
