from shop.models import Order


def kept(email, city):
    return (
        Order.objects.filter(
            # by address
            user__email=email,
            address__city=city,  # of the parcel
        )
        .exclude(total=0)
        .order_by("pk")
    )


def wide(an_address_of_somebody, another_address_of_somebody_else):
    return Order.objects.filter(user__email__iexact=an_address_of_somebody, total=another_address_of_somebody_else)


def commented(email):
    return Order.objects.filter(
        user__email=email,  # this one stays
        user__is_active=True,
    )
