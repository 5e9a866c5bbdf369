"""JSON of the orders app; it nests users, addresses, products and payments."""

from typing import Any

from rest_framework import serializers

from monolith.orders.models import Cart, CartLine, Order, OrderLine, OrderStatusChange
from monolith.orders.pricing import COUPON_DISCOUNTS
from monolith.orders.states import BY_HAND
from monolith.payments.models import PaymentMethod
from monolith.payments.serializers import PaymentSummarySerializer
from monolith.products.models import Product
from monolith.products.serializers import ProductSummarySerializer
from monolith.users.models import Address, User


class CustomerSerializer(serializers.ModelSerializer[User]):
    """Who ordered, as the order shows it."""

    loyalty_points = serializers.IntegerField(source="profile.loyalty_points", read_only=True)

    class Meta:
        model = User
        fields = ("id", "email", "first_name", "last_name", "loyalty_points")


class ShippingAddressSerializer(serializers.ModelSerializer[Address]):
    """Where the goods go."""

    class Meta:
        model = Address
        fields = ("id", "label", "line1", "line2", "city", "postcode", "country")


class LineProductSerializer(ProductSummarySerializer):
    """The product of a line, with its category's name."""

    category = serializers.CharField(source="category.name", read_only=True)

    class Meta(ProductSummarySerializer.Meta):
        fields = (*ProductSummarySerializer.Meta.fields, "category")
        read_only_fields = fields


class CartLineSerializer(serializers.ModelSerializer[CartLine]):
    product = LineProductSerializer(read_only=True)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)
    available = serializers.IntegerField(source="product.stock.available", read_only=True)

    class Meta:
        model = CartLine
        fields = ("id", "product", "quantity", "amount", "available")


class CartSerializer(serializers.ModelSerializer[Cart]):
    lines = CartLineSerializer(many=True, read_only=True)
    total = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)

    class Meta:
        model = Cart
        fields = ("id", "lines", "total")


class CartLineRequestSerializer(serializers.Serializer[Any]):
    """Which product to put in the cart, and how many."""

    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.filter(is_active=True))
    quantity = serializers.IntegerField(min_value=1, max_value=999, default=1)


class CartLineChangeSerializer(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1, max_value=999)


class CheckoutRequestSerializer(serializers.Serializer[Any]):
    """Where to send the cart and how it is paid; both must be the customer's own."""

    shipping_address = serializers.PrimaryKeyRelatedField(queryset=Address.objects.none())
    payment_method = serializers.PrimaryKeyRelatedField(queryset=PaymentMethod.objects.none())
    coupon = serializers.ChoiceField(
        choices=sorted(COUPON_DISCOUNTS), required=False, default="", allow_blank=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user := self.context.get("user"):
            self.fields["shipping_address"].queryset = user.addresses.all()
            self.fields["payment_method"].queryset = user.payment_methods.all()


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    product = LineProductSerializer(read_only=True)
    tags = serializers.SlugRelatedField(
        source="product.tags", slug_field="slug", many=True, read_only=True
    )
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)

    class Meta:
        model = OrderLine
        fields = ("id", "product", "product_name", "tags", "quantity", "unit_price", "amount")


class OrderSummarySerializer(serializers.ModelSerializer[Order]):
    """An order in a list."""

    customer = serializers.EmailField(source="user.email", read_only=True)
    paid_with = serializers.CharField(
        source="payment.method.brand", read_only=True, allow_null=True, default=None
    )
    line_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Order
        fields = (
            "id",
            "number",
            "status",
            "customer",
            "line_count",
            "total",
            "currency",
            "paid_with",
            "placed_at",
        )


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order whole."""

    customer = CustomerSerializer(source="user", read_only=True)
    shipping_address = ShippingAddressSerializer(read_only=True)
    lines = OrderLineSerializer(many=True, read_only=True)
    payment = PaymentSummarySerializer(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Order
        fields = (
            "id",
            "number",
            "status",
            "customer",
            "shipping_address",
            "lines",
            "payment",
            "coupon",
            "total",
            "currency",
            "placed_at",
            "updated_at",
        )


class OrderStatusChangeSerializer(serializers.ModelSerializer[OrderStatusChange]):
    changed_by = serializers.EmailField(
        source="changed_by.email", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = OrderStatusChange
        fields = ("from_status", "to_status", "changed_by", "changed_at", "note")


class StatusRequestSerializer(serializers.Serializer[Any]):
    """The status staff give an order by hand."""

    to_status = serializers.ChoiceField(choices=sorted(BY_HAND))
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class CancelRequestSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
