"""Admin of the catalogue; a product shows the order lines and carts that name it."""

from django.apps import apps
from django.contrib import admin

from monolith.products.models import Category, PriceChange, Product, Review, Stock, Tag


class StockInline(admin.StackedInline):
    model = Stock
    can_delete = False


class PriceChangeInline(admin.TabularInline):
    model = PriceChange
    fields = readonly_fields = ("price", "changed_at", "changed_by")
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


class OrderLineInline(admin.TabularInline):
    """Who bought it, to look at."""

    model = apps.get_model("orders.OrderLine")
    fields = readonly_fields = ("order", "customer", "quantity", "unit_price")
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("order__user")

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(ordering="order__user__email")
    def customer(self, line) -> str:
        return line.order.user.email


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("sku", "name", "category", "price", "available", "is_active")
    list_filter = ("is_active", "category", "tags")
    list_select_related = ("category", "stock")
    search_fields = ("sku", "name", "created_by__email")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("category", "created_by")
    filter_horizontal = ("tags",)
    inlines = (StockInline, PriceChangeInline, OrderLineInline)

    def get_inlines(self, request, obj):
        """A product being added has its stock row only after the first save."""
        return self.inlines if obj else ()

    @admin.display(ordering="stock__quantity")
    def available(self, product: Product) -> int:
        return product.stock.available


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("name", "parent")
    list_select_related = ("parent",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ("product", "author", "rating", "created_at")
    list_select_related = ("product", "author")
    list_filter = ("rating",)
    search_fields = ("product__name", "author__email")
