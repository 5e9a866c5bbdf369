from shop.models import Line, Order

lines = (
    Line.objects
    .filter(order__total=1)  # the cheap ones
    .select_related("order__user")
    # in the order they were packed
    .order_by("pk")
)

orders = Order.objects.select_related(
    "user",
    "address",
).prefetch_related(
    "lines",
)

packed = Line.objects.select_related(
    "order",
    "packed_by",
).filter(
    order__total=1,
)

both = (Line.objects
        .select_related("order__user", "packed_by")
        .filter(pk=1))

wrapped = (Order.objects.prefetch_related("lines").select_related("user"))
