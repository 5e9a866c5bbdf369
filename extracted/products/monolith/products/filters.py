"""Filters and orderings of the product list, shared by the API and the page."""

from django.db.models import F, Q, QuerySet
from django_filters import rest_framework as filters

from monolith.common.filters import StableFilterSet
from monolith.products import selectors
from monolith.products.models import Product


class ProductFilter(StableFilterSet):
    default_ordering = ("name",)

    category = filters.CharFilter(method="in_category", label="Slug; its subcategories count too")
    q = filters.CharFilter(method="matching", label="Words in name, description or SKU")
    min_price = filters.NumberFilter(field_name="price", lookup_expr="gte")
    max_price = filters.NumberFilter(field_name="price", lookup_expr="lte")
    in_stock = filters.BooleanFilter(method="having_stock", label="Can be bought now")
    tag = filters.CharFilter(field_name="tags__slug")
    ordering = filters.OrderingFilter(
        fields=("name", "price", "created_at", "units_sold", "rating"), label="Order of the list"
    )

    class Meta:
        model = Product
        fields = ()

    def in_category(self, queryset: QuerySet[Product], _name: str, slug: str) -> QuerySet[Product]:
        node = selectors.find_category(selectors.category_tree(), slug=slug)
        return (
            queryset.filter(category__in=selectors.subtree_ids(node)) if node else queryset.none()
        )

    def matching(self, queryset: QuerySet[Product], _name: str, words: str) -> QuerySet[Product]:
        for word in words.split():
            queryset = queryset.filter(
                Q(name__icontains=word) | Q(description__icontains=word) | Q(sku__iexact=word)
            )
        return queryset

    def having_stock(
        self, queryset: QuerySet[Product], _name: str, wanted: bool
    ) -> QuerySet[Product]:
        available = Q(stock__quantity__gt=F("stock__reserved"))
        return queryset.filter(available if wanted else ~available)
