from clients import users_client
from shop.models import Order


def kept(email, city):
    return (
        Order.objects.filter(
            # by address
            user_id__in=users_client.find_user_ids_by_email(email=email),
            address_id__in=users_client.find_address_ids_by_city(city=city),  # of the parcel
        )
        .exclude(total=0)
        .order_by("pk")
    )


def wide(an_address_of_somebody, another_address_of_somebody_else):
    return Order.objects.filter(
        user_id__in=users_client.find_user_ids_by_email_iexact(email_iexact=an_address_of_somebody),
        total=another_address_of_somebody_else
    )


def commented(email):
    return Order.objects.filter(
        user__email=email,  # this one stays
        user__is_active=True,
    )
