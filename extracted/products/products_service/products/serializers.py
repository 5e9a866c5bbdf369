"""Bodies of the catalogue API; creators and review authors are nested users, by replica."""

from typing import Any

from rest_framework import serializers

from products_service.products.models import Category, PriceChange, Product, Review, Stock


class ProductSummarySerializer(serializers.ModelSerializer):
    """The least that names a product."""

    class Meta:
        model = Product
        fields = ("id", "sku", "name", "slug", "price", "currency")
        read_only_fields = fields


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ("id", "name", "slug")


class CategoryTreeSerializer(serializers.Serializer):
    """A `CategoryNode` with its subtree."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.SlugField()
    product_count = serializers.IntegerField()
    children = serializers.SerializerMethodField()

    def get_children(self, node) -> list:
        return CategoryTreeSerializer(node.children, many=True).data


class StockSerializer(serializers.ModelSerializer):
    available = serializers.IntegerField(read_only=True)

    class Meta:
        model = Stock
        fields = ("quantity", "reserved", "available", "updated_at")
        read_only_fields = ("reserved", "updated_at")


class AuthorSerializer(serializers.Serializer):
    """A review's author as other customers see them."""

    id = serializers.IntegerField(source="author_id", read_only=True, label="ID")
    name = serializers.CharField(source="author_name", read_only=True)


class ReviewSerializer(serializers.ModelSerializer):
    author = AuthorSerializer(source="*", read_only=True)

    class Meta:
        model = Review
        fields = ("id", "author", "rating", "text", "created_at")
        read_only_fields = ("id", "created_at")


class PriceChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = PriceChange
        fields = ("price", "changed_at")


class ProductListSerializer(ProductSummarySerializer):
    category = CategorySerializer(read_only=True)
    tags = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    available = serializers.IntegerField(source="stock.available", read_only=True)
    units_sold = serializers.IntegerField(read_only=True)
    rating = serializers.SerializerMethodField()
    review_count = serializers.IntegerField(read_only=True)

    class Meta(ProductSummarySerializer.Meta):
        fields = (
            *ProductSummarySerializer.Meta.fields,
            "category",
            "tags",
            "available",
            "units_sold",
            "rating",
            "review_count",
        )
        read_only_fields = fields

    def get_rating(self, product: Product) -> float | None:
        return None if product.rating is None else round(float(product.rating), 2)


class ProductDetailSerializer(ProductSummarySerializer):
    category = CategorySerializer(read_only=True)
    tags = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    stock = StockSerializer(read_only=True)
    created_by = serializers.SerializerMethodField()
    latest_reviews = ReviewSerializer(many=True, read_only=True)
    latest_price_changes = PriceChangeSerializer(many=True, read_only=True)

    class Meta(ProductSummarySerializer.Meta):
        fields = (
            *ProductSummarySerializer.Meta.fields,
            "description",
            "is_active",
            "category",
            "tags",
            "stock",
            "created_by",
            "latest_reviews",
            "latest_price_changes",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_created_by(self, product: Product) -> dict[str, Any] | None:
        if product.created_by_id is None:
            return None
        return {"id": product.created_by_id, "name": product.created_by_name}
