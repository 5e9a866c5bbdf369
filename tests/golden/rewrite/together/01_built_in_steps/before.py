from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from users.models import Address, User


def steps(city, names):
    addresses = Address.objects.filter(city=city)
    addresses = addresses.order_by("pk")
    users = User.objects.filter(name__in=["a", city])
    if users.exists():
        for address in addresses[:3]:
            print(address.city, users.count())
    while True:
        q = User.objects.filter(joined__lt=now())
        q = q.exclude(name="")
        user = q.first()
        if user is None:
            break
    rows = Address.objects.select_related("user").only("city")
    address = get_object_or_404(rows, city=city)
    every = User.objects.all()
    return address.city, len(every)


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
