from shop.models import Line, Order


def mails():
    for order in Order.objects.filter(total__gt=1):
        print(order.user.email, order.address.city)


def cities(user_ids):
    orders = Order.objects.filter(user_id__in=user_ids).order_by("placed")
    return {order.pk: order.address.city for order in orders}


def packers():
    return [line.order.user.name for line in Line.objects.select_related("order__user")]


def newest():
    for order in Order.objects.order_by("-placed")[:10]:
        print(order.user)


def mine(request):
    for order in request.user.orders.filter(total=1):
        print(order.address.city)


def handed_on():
    orders = Order.objects.all()
    for order in orders:
        print(order.user.email)
    return orders


def of_one(order: Order):
    for line in order.lines.all():
        print(line.packed_by.email)
