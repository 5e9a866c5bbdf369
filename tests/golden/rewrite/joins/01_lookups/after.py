from clients import users_client
from django.db.models import Q
from django.shortcuts import get_object_or_404
from shop.models import Line, Order


def found(email, total):
    orders = Order.objects.filter(
        user_id__in=users_client.find_user_ids_by_email(email=email), total__gt=total
    )
    return orders.exclude(
        address_id__in=users_client.find_address_ids_by_city_startswith(city_startswith="A")
    )


def one(pk, name):
    return Order.objects.get(pk=pk, user_id__in=users_client.find_user_ids_by_name(name=name))


def searched(q: str):
    either = Q(user__email__icontains=q) | Q(total=3) | ~Q(gift_to__name__in=["a", q])
    return Order.objects.filter(either) and Order.objects.filter(
        Q(
            user_id__in=users_client.find_user_ids_by_email_icontains(email_icontains=q)
        ) | Q(total=3) | ~Q(
            gift_to_id__in=users_client.find_user_ids_by_name_in(name_in=["a", q])
        )
    )


def nested(order: Order, email):
    order.lines.filter(
        order__user_id__in=users_client.find_user_ids_by_email_iexact(email_iexact=email)
    ).update(order=order)
    return Line.objects.filter(
        order__address_id__in=users_client.find_address_ids_by_user__profile__phone(user__profile__phone=email),
        packed_by_id__in=users_client.find_user_ids_by_email(email="a@b.c")
    )


def bosses(boss_id):
    return [each.total for each in Order.objects.filter(
        user_id__in=users_client.find_user_ids_by_boss_id(boss_id=boss_id)
    )]


def or_404(pk, city):
    return get_object_or_404(
        Order, pk=pk, address_id__in=users_client.find_address_ids_by_city(city=city)
    )
