"""Filters and orderings of the staff's user list; they reach through orders to products."""

from django_filters import rest_framework as filters

from monolith.common.filters import StableFilterSet
from monolith.users.models import User


class UserFilter(StableFilterSet):
    email = filters.CharFilter(lookup_expr="iexact")
    min_spent = filters.NumberFilter(field_name="spent", lookup_expr="gte")
    ordered = filters.CharFilter(
        field_name="orders__lines__product__sku",
        lookup_expr="iexact",
        distinct=True,
        label="SKU of a product the user has ordered",
    )
    ordering = filters.OrderingFilter(fields=("id", "email", "date_joined", "spent", "order_count"))

    class Meta:
        model = User
        fields = ("is_active", "is_staff")
