from django.shortcuts import render
from users.models import Address, User

from shop.models import Order


def page(request, limit):
    names = []
    for user in User.objects.filter(is_active=True).order_by("name"):  # the active ones
        names.append(user.name)
    users = list(
        User.objects
        .exclude(email="")
        .order_by("-joined")[:limit]
    )
    by_key = {user.pk: user for user in User.objects.all()}
    first = users[0].name if users else by_key.get(1)
    cities = ", ".join(a.city for a in Address.objects.filter(user_id=request.user.pk))
    return render(request, "page.html", {"users": users, "names": names, "x": (first and 1, cities)})


def paged(start, size):
    for address in Address.objects.order_by("pk")[start:start + size]:
        print(address.city, address.user.name)
    return [a.city for a in sorted(Address.objects.all()[5:10], key=lambda a: a.user.email)]


def related(order: Order):
    user = User.objects.get(pk=order.user_id)
    return [a.city for a in user.addresses.all()], [u.name for u in user.team.filter(name="x")]


def one(name):
    return User.objects.filter(name=name)[0].email, [str(u) for u in set(User.objects.iterator())]
