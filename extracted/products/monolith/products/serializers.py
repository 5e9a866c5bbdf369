"""Bodies of the catalogue API; creators and review authors are nested users."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from monolith.products.models import Category, PriceChange, Product, Review, Stock, Tag
from monolith.users.public import PublicUserSerializer


class ProductSummarySerializer(serializers.ModelSerializer):
    """The least that names a product; other apps nest it."""

    class Meta:
        model = Product
        fields = ("id", "sku", "name", "slug", "price", "currency")
        read_only_fields = fields


class BoughtTogetherSerializer(ProductSummarySerializer):
    orders_together = serializers.IntegerField(read_only=True)

    class Meta(ProductSummarySerializer.Meta):
        fields = (*ProductSummarySerializer.Meta.fields, "orders_together")
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

    @extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/CategoryTree"}})
    def get_children(self, node) -> list:
        return CategoryTreeSerializer(node.children, many=True).data


class StockSerializer(serializers.ModelSerializer):
    available = serializers.IntegerField(read_only=True)

    class Meta:
        model = Stock
        fields = ("quantity", "reserved", "available", "updated_at")
        read_only_fields = ("reserved", "updated_at")


class ReviewSerializer(serializers.ModelSerializer):
    author = PublicUserSerializer(read_only=True)

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
    created_by = PublicUserSerializer(read_only=True, allow_null=True)
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


class ProductWriteSerializer(serializers.ModelSerializer):
    tags = serializers.SlugRelatedField(
        slug_field="slug", many=True, queryset=Tag.objects.all(), required=False
    )

    class Meta:
        model = Product
        fields = (
            "sku",
            "name",
            "slug",
            "description",
            "category",
            "tags",
            "price",
            "currency",
            "is_active",
        )


class ImageSerializer(serializers.Serializer):
    """A stored image."""

    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
