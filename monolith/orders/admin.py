"""Orders in the admin, with the payment and the audit log of each beside its lines."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from monolith.audit.admin import AuditEntryInline
from monolith.orders.models import Cart, CartLine, Order, OrderLine, OrderStatusChange
from monolith.payments.admin import PaymentInline


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    extra = 0
    raw_id_fields = ("product",)
    readonly_fields = ("in_stock",)

    def in_stock(self, line: OrderLine) -> int:
        return line.product.stock.available


class StatusChangeInline(admin.TabularInline):
    model = OrderStatusChange
    extra = 0
    readonly_fields = ("from_status", "to_status", "changed_by", "changed_at", "note")
    can_delete = False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ("number", "customer", "user__email", "city", "total", "status", "paid_with")
    list_filter = ("status", "shipping_address__country", "payment__status")
    list_select_related = ("user__profile", "shipping_address", "payment__method")
    search_fields = ("number", "user__email", "user__last_name", "lines__product__sku")
    raw_id_fields = ("user", "shipping_address")
    date_hierarchy = "placed_at"
    inlines = (OrderLineInline, StatusChangeInline, PaymentInline, AuditEntryInline)

    @admin.display(ordering="user__last_name")
    def customer(self, order: Order) -> str:
        return order.customer_label

    @admin.display(ordering="shipping_address__city")
    def city(self, order: Order) -> str:
        return order.shipping_address.city

    @admin.display(ordering="payment__method__brand")
    def paid_with(self, order: Order) -> str:
        return order.payment.method.brand if hasattr(order, "payment") else "-"


class CartLineInline(admin.TabularInline):
    model = CartLine
    extra = 0
    raw_id_fields = ("product",)


@admin.register(Cart)
class CartAdmin(admin.ModelAdmin):
    list_display = ("__str__", "created_at")
    search_fields = ("user__email", "lines__product__name")
    raw_id_fields = ("user",)
    inlines = (CartLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        return super().get_queryset(request).select_related("user")
