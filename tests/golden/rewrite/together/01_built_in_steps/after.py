from clients import users_client
from django.utils.timezone import now
from strangler.client.shortcuts import get_or_404
from users.models import Address, User


def steps(city, names):
    if users_client.has_users_by_name_in(name_in=["a", city]):
        for address in users_client.list_addresses_by_city_ordered_by_id_limited(
            city=city, limit=3
        ):
            print(address.city, users_client.count_users_by_name_in(
                name_in=["a", city]
            ))
    while True:
        user = users_client.first_user_by_joined_lt_excluding_name(
            joined_lt=now(), not_name=""
        )
        if user is None:
            break
    address = get_or_404(users_client.get_address_by_city, city=city)
    return address.city, users_client.count_users()


def refused(city, flag, form):
    q = User.objects.filter(name=city)
    if flag:
        q = q.filter(is_active=True)
    print(q.first().name)

    late = User.objects.filter(joined__lt=now())
    print("much later")
    print(late.count())

    changed = User.objects.filter(name=city)
    city = city.upper()
    print(changed.count())

    shared = Address.objects.filter(city=city)
    form.queryset = shared
    print(shared.count())

    # the busiest
    busy = User.objects.filter(name=city)
    return busy.count()
