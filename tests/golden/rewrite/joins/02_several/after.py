from clients import users_client
from shop.models import Line, Order


def active(email, total):
    return Order.objects.filter(
        total=total,
        user_id__in=users_client.find_user_ids_by_email_and_is_active(email=email, is_active=True)
    ).first()


def not_active(order: Order):
    return Order.objects.exclude(
        user_id__in=users_client.find_user_ids_by_is_active_and_name(name=order.user.name, is_active=False),
        total=1
    )


def two_relations(city, name):
    return Order.objects.filter(
        user_id__in=users_client.find_user_ids_by_name(name=name)
    ).filter(
        address_id__in=users_client.find_address_ids_by_city(city=city),
        user_id__in=users_client.find_user_ids_by_is_active_and_name(is_active=True, name="x")
    )


def first_of_all(name):
    return Line.objects.filter(
        order__user_id__in=users_client.find_user_ids_by_is_active_and_name(name=name, is_active=True),
        order__total=1
    )
