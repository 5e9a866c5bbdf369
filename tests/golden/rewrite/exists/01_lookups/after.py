from clients import users_client
from django.db import models
from django.db.models import Q
from shop.models import Order


def taken(email):
    return not users_client.has_users_by_email_iexact(email_iexact=email)


def friend(order: Order):
    if users_client.has_profiles_by_points_gte_and_user_id_excluding_phone(
        points_gte=10, not_phone="", user_id=order.user_id
    ):
        return True
    if order.gift_to and users_client.has_addresses_by_city_in_and_user_id(
        user_id=order.gift_to.pk, city_in=["Paris", "Rome"]
    ):
        return True
    return users_client.has_users_by_profile__points_gt_through_active(
        profile__points_gt=order.total
    )


def places(orders: "models.QuerySet[Order]"):
    return [
        users_client.has_addresses_by_city_and_user_id(
            user_id=order.user_id,  # the buyer's own
            city=order.address.city,
        )
        for order in orders
    ]
