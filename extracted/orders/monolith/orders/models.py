"""Carts and orders, tied to users, products and payments by foreign keys."""

import secrets
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.urls import reverse

from monolith.clients import users_client

NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
IDEMPOTENCY_KEY_MAX_LENGTH = 128


def new_order_number() -> str:
    """Return a number people can read out: 10 letters and digits that do not look alike."""
    return "S" + "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(10))


class Cart(models.Model):
    """What a visitor means to buy: owned by a user, or by an anonymous session."""

    user = users_client.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="cart",
    )
    session_key = models.CharField(max_length=40, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return (
            f"cart of {self.user.email}"
            if self.user_id is not None
            else f"cart of session {self.session_key}"
        )

    @property
    def total(self) -> Decimal:
        """Sum of today's prices of the lines, read through each line's product."""
        return sum((line.amount for line in self.lines.all()), Decimal("0.00"))


class CartLine(models.Model):
    """A product in a cart; its price is always today's."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        "products.Product", on_delete=models.CASCADE, related_name="cart_lines"
    )
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["cart", "product"], name="cart_line_once_per_product")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product.name}"

    @property
    def amount(self) -> Decimal:
        return self.product.price * self.quantity


class Order(models.Model):
    """A placed order. Its lines keep the name and price of the day."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PAID = "paid", "Paid"
        SHIPPED = "shipped", "Shipped"
        DELIVERED = "delivered", "Delivered"
        CANCELLED = "cancelled", "Cancelled"
        REFUNDED = "refunded", "Refunded"

    number = models.CharField(max_length=20, unique=True, default=new_order_number)
    user = users_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    shipping_address = models.ForeignKey(
        "users.Address", on_delete=models.PROTECT, related_name="orders"
    )
    total = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    coupon = models.CharField(max_length=32, blank=True)
    placed_at = models.DateTimeField(db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-placed_at", "-id")
        indexes = [models.Index(fields=["user", "-placed_at"], name="order_user_placed_idx")]

    def __str__(self) -> str:
        return f"{self.number} for {self.user.email}"

    def get_absolute_url(self) -> str:
        return reverse("order-page", kwargs={"number": self.number})

    @property
    def customer_label(self) -> str:
        """The customer as staff write it: name, address and loyalty points."""
        points = self.user.profile.loyalty_points
        return f"{self.user.first_name} {self.user.last_name} <{self.user.email}> ({points} points)"

    @property
    def ships_to(self) -> str:
        return f"{self.shipping_address.line1}, {self.shipping_address.city}"


class OrderLine(models.Model):
    """A product bought: quantity, and the name and unit price as they were that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="order_lines"
    )
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    product_name = models.CharField(max_length=200)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_name}"

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


class OrderStatusChange(models.Model):
    """One step of an order's history."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="status_changes")
    from_status = models.CharField(max_length=12, choices=Order.Status, blank=True)
    to_status = models.CharField(max_length=12, choices=Order.Status)
    changed_by = users_client.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="order_status_changes",
    )
    changed_at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.order_id}: {self.from_status or 'new'} to {self.to_status}"


class CheckoutAttempt(models.Model):
    """The order placed under an Idempotency-Key, so that repeating a checkout places no second."""

    user = users_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="checkout_attempts"
    )
    key = models.CharField(max_length=IDEMPOTENCY_KEY_MAX_LENGTH)
    fingerprint = models.CharField(max_length=64)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="checkout_key_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.key} -> {self.order_id}"
