"""Filters of the order list, some of them through other apps' tables."""

import django_filters
from django.db.models import QuerySet

from monolith.orders.models import Order
from monolith.products.models import Category


class OrderFilter(django_filters.FilterSet):
    """?status=paid&placed_after=...&placed_before=...&category=books&email=ann (staff only)."""

    status = django_filters.MultipleChoiceFilter(choices=Order.Status.choices)
    placed_after = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="lt")
    category = django_filters.ModelChoiceFilter(
        field_name="lines__product__category",
        to_field_name="slug",
        queryset=Category.objects.all(),
        distinct=True,
    )
    email = django_filters.CharFilter(field_name="user__email", method="by_email")

    class Meta:
        model = Order
        fields = ("status", "placed_after", "placed_before", "category", "email")

    def by_email(self, orders: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        if not self.request.user.is_staff:
            return orders
        return orders.filter(**{f"{name}__icontains": value})
