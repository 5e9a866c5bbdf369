from django.db import models
from django.db.models import Q
from shop.models import Order
from users.models import Address, Profile, User


def taken(email):
    return not User.objects.filter(email__iexact=email).exists()


def friend(order: Order):
    if Profile.objects.filter(Q(points__gte=10) & ~Q(phone=""), user=order.user).exists():
        return True
    if order.gift_to and order.gift_to.addresses.filter(city__in=["Paris", "Rome"]).exists():
        return True
    return User.active.filter(profile__points__gt=order.total).exists()


def places(orders: "models.QuerySet[Order]"):
    return [
        Address.objects.filter(
            user_id=order.user_id,  # the buyer's own
            city=order.address.city,
        ).exists()
        for order in orders
    ]
