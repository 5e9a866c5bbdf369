"""JSON of the payments app."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from monolith.payments.models import Payment, PaymentMethod, Refund


class PaymentMethodSerializer(serializers.ModelSerializer[PaymentMethod]):
    """A method as its owner sees it; the token goes in and never comes out."""

    class Meta:
        model = PaymentMethod
        fields = ("id", "kind", "token", "last4", "brand", "is_default", "created_at")
        read_only_fields = ("created_at",)
        extra_kwargs = {"token": {"write_only": True}}

    def validate_last4(self, value: str) -> str:
        if value and not (value.isdecimal() and len(value) == 4):
            raise serializers.ValidationError("The last four digits are four digits.")
        return value


class PaymentMethodChangeSerializer(serializers.ModelSerializer[PaymentMethod]):
    """The one thing that can change: which method is the default."""

    class Meta:
        model = PaymentMethod
        fields = ("is_default",)

    def validate_is_default(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Make another method the default instead.")
        return value


class PaymentSummarySerializer(serializers.ModelSerializer[Payment]):
    """The payment as an order shows it."""

    brand = serializers.CharField(source="method.brand", read_only=True)
    last4 = serializers.CharField(source="method.last4", read_only=True)

    class Meta:
        model = Payment
        fields = ("id", "status", "amount", "currency", "brand", "last4")


class RefundSerializer(serializers.ModelSerializer[Refund]):
    created_by = serializers.EmailField(
        source="created_by.email", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Refund
        fields = ("id", "amount", "reason", "created_by", "created_at")


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """A payment with its order's number, its customer and where the goods went."""

    order = serializers.CharField(source="order.number", read_only=True)
    customer = serializers.EmailField(source="order.user.email", read_only=True)
    loyalty_points = serializers.IntegerField(
        source="order.user.profile.loyalty_points", read_only=True
    )
    city = serializers.CharField(source="order.shipping_address.city", read_only=True)
    method = PaymentMethodSerializer(read_only=True)
    refunds = RefundSerializer(many=True, read_only=True)

    class Meta:
        model = Payment
        fields = (
            "id",
            "order",
            "customer",
            "loyalty_points",
            "city",
            "method",
            "amount",
            "currency",
            "status",
            "captured_at",
            "failure_reason",
            "refunds",
        )


class RefundRequestSerializer(serializers.Serializer[Any]):
    """How much to give back, all that is left when not said, and why."""

    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False
    )
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
