"""The order pages a customer reads in a browser."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from monolith.orders.errors import InvalidTransitionError
from monolith.orders.forms import DeliveryAddressForm
from monolith.orders.models import Order
from monolith.orders.selectors import favourites_bought, is_first_order, order_of
from monolith.orders.services import order_readdress

PAGE_SIZE = 20


@require_safe
@login_required
def order_list_page(request: HttpRequest) -> HttpResponse:
    """List the user's orders; what each row shows is read when the template asks for it."""
    orders = request.user.orders.select_related("payment__method").order_by("-placed_at", "-id")
    page = Paginator(orders, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "favourites": favourites_bought(request.user)}
    return render(request, "orders/order_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def order_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show one order; POST sends it to another address while it has not left."""
    order = order_of(request.user, number)
    form = DeliveryAddressForm(request.POST or None, instance=request.user.addresses.model())
    if request.method == "POST" and form.is_valid():
        return readdress(request, order, form)
    context = {"order": order, "form": form, "first": is_first_order(order)}
    status = 400 if form.is_bound else 200
    return render(request, "orders/order_detail.html", context, status=status)


def readdress(request: HttpRequest, order: Order, form: DeliveryAddressForm) -> HttpResponse:
    form.instance.user = request.user
    try:
        with transaction.atomic():
            order_readdress(order=order, address=form.save(), actor=request.user)
    except InvalidTransitionError as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, f"Order {order.number} goes to {form.instance.city}.")
    return redirect(order)
