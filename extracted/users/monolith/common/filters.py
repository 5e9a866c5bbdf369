"""A filter set whose lists always have one order, so that pages neither overlap nor skip."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters


class StableFilterSet(filters.FilterSet):
    """Ends every ordering with the key; `default_ordering` holds where none was asked for."""

    default_ordering: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset = super().filter_queryset(queryset.order_by(*self.default_ordering))
        return queryset.order_by(*queryset.query.order_by, "id")
