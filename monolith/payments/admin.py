"""Payments in the admin, found by order and customer."""

from django.contrib import admin

from monolith.audit.admin import AuditEntryInline
from monolith.payments.models import Payment, PaymentMethod, Refund


class RefundInline(admin.TabularInline):
    model = Refund
    extra = 0
    readonly_fields = ("amount", "reason", "created_by", "gateway_reference", "created_at")
    can_delete = False


class PaymentInline(admin.StackedInline):
    """The payment of an order, for the order's own page."""

    model = Payment
    extra = 0
    readonly_fields = ("method", "amount", "currency", "status", "gateway_reference", "captured_at")
    exclude = ("failure_reason",)
    can_delete = False


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ("order__number", "customer", "amount", "currency", "status", "captured_at")
    list_filter = ("status", "order__status", "order__shipping_address__country")
    list_select_related = ("order__user", "method")
    search_fields = ("order__number", "order__user__email", "gateway_reference")
    raw_id_fields = ("order", "method")
    inlines = (RefundInline, AuditEntryInline)

    @admin.display(ordering="order__user__email")
    def customer(self, payment: Payment) -> str:
        return f"{payment.order.user.first_name} <{payment.order.user.email}>"


@admin.register(PaymentMethod)
class PaymentMethodAdmin(admin.ModelAdmin):
    list_display = ("user", "kind", "brand", "last4", "is_default", "orders")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__last_name", "last4")
    exclude = ("token",)
    raw_id_fields = ("user",)

    @admin.display(description="orders of the user")
    def orders(self, method: PaymentMethod) -> int:
        return method.user.orders.count()
