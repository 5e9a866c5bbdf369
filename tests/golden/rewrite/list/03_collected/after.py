from clients import users_client
from django.shortcuts import render
from users.models import User

from shop.models import Order


def page(request):
    staff, busy = [], set()
    active: list[User] = []
    others = list()
    for user in users_client.list_users_ordered_by_name():
        active.append(user)
        others.append(user)
    others.sort(key=lambda user: user.email)
    return render(request, "page.html", {"active": active, "others": others[:3], "staff": staff, "busy": busy})


def refused(users, order: Order):
    found = []
    for user in User.objects.order_by("pk"):
        users.append(user)
    for other in User.objects.order_by("pk"):
        found.append(other)
    return found


def watched(order: Order):
    for user in User.objects.order_by("email"):
        order.watchers.add(user)
    for buyer in users_client.list_users_ordered_by_name():
        Order.objects.create(user=buyer, total=1)
