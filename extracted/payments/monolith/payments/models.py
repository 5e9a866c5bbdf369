"""Payment methods, payments and refunds, tied to users and orders by foreign keys."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Sum

from monolith.clients import users_client


class PaymentMethod(models.Model):
    """A card or PayPal account of a user; only the gateway's token of it is kept."""

    class Kind(models.TextChoices):
        CARD = "card", "Card"
        PAYPAL = "paypal", "PayPal"

    user = users_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="payment_methods"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CARD)
    token = models.CharField(max_length=64)
    last4 = models.CharField(max_length=4, blank=True)
    brand = models.CharField(max_length=20, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.brand or self.kind} ending {self.last4} of {self.user.email}"


class Payment(models.Model):
    """The money of one order: authorized at checkout, captured on shipping, refundable after."""

    class Status(models.TextChoices):
        AUTHORIZED = "authorized", "Authorized"
        CAPTURED = "captured", "Captured"
        FAILED = "failed", "Failed"
        REFUNDED = "refunded", "Refunded"
        PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="payment")
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    status = models.CharField(max_length=20, choices=Status, default=Status.AUTHORIZED)
    gateway_reference = models.CharField(max_length=64, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.order.number}"

    @property
    def refunded_amount(self) -> Decimal:
        return self.refunds.aggregate(total=Sum("amount"))["total"] or Decimal("0.00")

    @property
    def payer_email(self) -> str:
        return self.order.user.email


class Refund(models.Model):
    """Money given back, whole or in part."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="refunds")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=200, blank=True)
    created_by = users_client.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="refunds_made",
    )
    gateway_reference = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.amount} {self.payment.currency} of {self.payment.order.number}"
