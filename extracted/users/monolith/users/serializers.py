"""Bodies of the users API; a profile nests products, a user's detail nests orders."""

from django.contrib.auth import authenticate
from rest_framework import exceptions, serializers

from monolith.orders.models import Order
from monolith.products.models import Product
from monolith.products.serializers import ProductSummarySerializer
from monolith.users.models import Address, Profile, User
from monolith.users.selectors import recent_orders


class RegisterSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)
    first_name = serializers.CharField(max_length=80, default="", allow_blank=True)
    last_name = serializers.CharField(max_length=80, default="", allow_blank=True)
    phone = serializers.CharField(max_length=32, default="", allow_blank=True)


class CredentialsSerializer(serializers.Serializer):
    """Email and password; `validated_data["user"]` is whom they belong to."""

    email = serializers.EmailField()
    password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)

    def validate(self, attrs: dict) -> dict:
        user = authenticate(
            self.context.get("request"), username=attrs["email"], password=attrs["password"]
        )
        if user is None:
            raise exceptions.AuthenticationFailed("Email and password do not match an account.")
        return {"user": user}


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(read_only=True)


class PasswordChangeSerializer(serializers.Serializer):
    current_password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)
    new_password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)
    token = serializers.CharField(
        read_only=True, allow_null=True, help_text="Replaces the former token, if there was one."
    )


class MeSerializer(serializers.ModelSerializer):
    """A user as they see themselves."""

    class Meta:
        model = User
        fields = ("id", "email", "first_name", "last_name", "is_staff", "date_joined")
        read_only_fields = ("id", "email", "is_staff", "date_joined")


class UserListSerializer(serializers.ModelSerializer):
    """A user as staff see them in the list, with what they ordered and spent."""

    loyalty_points = serializers.IntegerField(source="profile.loyalty_points", read_only=True)
    order_count = serializers.IntegerField(read_only=True)
    spent = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "first_name",
            "last_name",
            "is_active",
            "date_joined",
            "loyalty_points",
            "order_count",
            "spent",
        )


class RecentOrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ("number", "status", "total", "currency", "placed_at")


class UserDetailSerializer(UserListSerializer):
    """The same with the latest orders, straight from the orders app's table."""

    recent_orders = serializers.SerializerMethodField()

    class Meta(UserListSerializer.Meta):
        fields = (*UserListSerializer.Meta.fields, "recent_orders")

    def get_recent_orders(self, user: User) -> RecentOrderSerializer(many=True):
        return RecentOrderSerializer(recent_orders(user=user), many=True).data


class ProfileSerializer(serializers.ModelSerializer):
    """A profile; favourites are written as `favourite_product_ids` and read as products."""

    favourite_product_ids = serializers.PrimaryKeyRelatedField(
        source="favourite_products",
        queryset=Product.objects.filter(is_active=True),
        many=True,
        write_only=True,
        required=False,
    )
    favourite_products = ProductSummarySerializer(many=True, read_only=True)

    class Meta:
        model = Profile
        fields = (
            "phone",
            "birth_date",
            "marketing_opt_in",
            "loyalty_points",
            "favourite_product_ids",
            "favourite_products",
        )
        read_only_fields = ("loyalty_points",)


class AddressSerializer(serializers.ModelSerializer):
    order_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Address
        fields = (
            "id",
            "label",
            "line1",
            "line2",
            "city",
            "postcode",
            "country",
            "is_default",
            "order_count",
        )
        # The database's rule of one default is kept by the services, which move it.
        validators = ()
