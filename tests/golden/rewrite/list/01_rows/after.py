from clients import users_client
from django.shortcuts import render
from users.models import User

from shop.models import Order


def page(request, limit):
    names = []
    for user in users_client.list_users_by_is_active_ordered_by_name(is_active=True):  # the active ones
        names.append(user.name)
    users = users_client.list_users_excluding_email_ordered_by_joined_desc_limited(
        not_email="", limit=limit
    )
    by_key = {user.pk: user for user in users_client.list_users()}
    first = users[0].name if users else by_key.get(1)
    cities = ", ".join(a.city for a in users_client.list_addresses_by_user_id(
        user_id=request.user.pk
    ))
    return render(request, "page.html", {"users": users, "names": names, "x": (first and 1, cities)})


def paged(start, size):
    for address in users_client.list_addresses_ordered_by_id_limited(offset=start, limit=size):
        print(address.city, address.user.name)
    return [a.city for a in sorted(users_client.list_addresses_limited(offset=5, limit=5), key=lambda a: a.user.email)]


def related(order: Order):
    user = User.objects.get(pk=order.user_id)
    return [a.city for a in users_client.list_addresses_by_user_id(user_id=user.pk)], [u.name for u in users_client.list_users_by_boss_id_and_name(
        boss_id=user.pk, name="x"
    )]


def one(name):
    return users_client.list_users_by_name_limited(name=name, limit=1)[0].email, [str(u) for u in set(users_client.list_users())]
