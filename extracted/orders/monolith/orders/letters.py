"""The letters of the orders app, each a Celery task: to customers, fans of a product, and staff."""

from celery import shared_task
from django.apps import apps
from django.core.mail import send_mail, send_mass_mail

from monolith.clients import payments_client, users_client
from monolith.orders.models import Order
from monolith.orders.selectors import products_running_out
from monolith.products.models import Product


@shared_task(name="orders.mail_confirmation")
def mail_confirmation(order_id: int) -> int:
    """Write what was ordered and where it goes; returns how many letters were sent."""
    order = Order.objects.get(pk=order_id)
    lines = "\n".join(
        f"{line.quantity} x {line.product.name} ({line.product.category.name})"
        for line in order.lines.all()
    )
    return send_mail(
        subject=f"Order {order.number}",
        message=(
            f"Dear {order.user.first_name},\n\nthank you for your order:\n\n{lines}\n\n"
            f"Total: {order.total} {order.currency}, paid with {payments_client.get_payment_by_order_id(order_id=order.pk).method.brand}.\n"
            f"It goes to {order.shipping_address.line1}, {order.shipping_address.city}.\n"
            f"You now have {order.user.profile.loyalty_points} points.\n"
        ),
        from_email=None,
        recipient_list=[order.user.email],
    )


@shared_task(name="orders.mail_payment_received")
def mail_payment_received(order_id: int) -> int:
    """Write that the money came; returns how many letters were sent."""
    order = (
        Order.objects.select_related("payment__method").prefetch_related("user").get(pk=order_id)
    )
    return send_mail(
        subject=f"Payment for order {order.number}",
        message=f"We received {order.payment.amount} {order.payment.currency}.\n",
        from_email=None,
        recipient_list=[order.user.email],
    )


@shared_task(name="orders.mail_fans")
def mail_fans(product_id: int) -> int:
    """Tell those who marked a product as favourite that it is back; returns letters sent."""
    product = Product.objects.get(pk=product_id)
    user_model = apps.get_model("users.User")
    emails = user_model.objects.filter(
        profile__in=product.fans.filter(marketing_opt_in=True), is_active=True
    ).values_list("email", flat=True)
    letters = [
        (f"{product.name} is back", f"{product.name} is in stock again.\n", None, [email])
        for email in emails.order_by("email")
    ]
    return send_mass_mail(letters)


@shared_task(name="orders.mail_stock_alert")
def mail_stock_alert(threshold: int) -> int:
    """Tell staff which products in carts are running out; returns how many letters were sent."""
    skus = products_running_out(threshold=threshold)
    if not skus:
        return 0
    return send_mass_mail(
        [
            ("Running out", "\n".join(skus) + "\n", None, [user.email])
            for user in users_client.list_users_by_is_active_and_is_staff_ordered_by_email(
                is_staff=True, is_active=True
            )
        ]
    )
