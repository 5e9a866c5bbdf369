from shop.models import Line, Order

lines = (
    Line.objects
    .filter(order__total=1)  # the cheap ones
    .select_related("order")
    .prefetch_related("order__user")
    # in the order they were packed
    .order_by("pk")
)

orders = Order.objects.prefetch_related(
    "lines",
    "user",
    "address",
)

packed = Line.objects.select_related(
    "order",
).prefetch_related("packed_by").filter(
    order__total=1,
)

both = (Line.objects
        .select_related("order")
        .prefetch_related("order__user", "packed_by")
        .filter(pk=1))

wrapped = (Order.objects.prefetch_related("lines", "user"))
