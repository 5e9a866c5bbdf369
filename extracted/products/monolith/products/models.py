"""Categories, products, stock, price changes and reviews."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from monolith.clients import users_client


class Category(models.Model):
    """A node of the category tree; a root has no parent."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=40)
    slug = models.SlugField(max_length=40, unique=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something on sale; `price` is today's, orders keep their own copy."""

    sku = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    description = models.TextField(blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    price = models.DecimalField(
        max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.00"))]
    )
    currency = models.CharField(max_length=3, default="EUR")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_by = users_client.SERVICE.Reference(
        "users.User",
        models.BigIntegerField,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="created_products",
    )

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="product_price_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("product-page", kwargs={"slug": self.slug})


class Stock(models.Model):
    """How many of a product lie in the warehouse, and how many of those are promised."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="stock")
    quantity = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "stock"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reserved__lte=models.F("quantity")),
                name="stock_reserved_within_quantity",
            )
        ]

    def __str__(self) -> str:
        return f"{self.available} of {self.product_id}"

    @property
    def available(self) -> int:
        return self.quantity - self.reserved


class PriceChange(models.Model):
    """The price a product got, when, and from whom."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="price_changes")
    price = models.DecimalField(max_digits=10, decimal_places=2)
    changed_at = models.DateTimeField(auto_now_add=True)
    changed_by = users_client.SERVICE.Reference(
        "users.User",
        models.BigIntegerField,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="price_changes",
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.product_id}: {self.price}"


class Review(models.Model):
    """What a buyer says of a product, once per buyer and product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    author = users_client.SERVICE.Reference(
        "users.User",
        models.BigIntegerField,
        on_delete=models.CASCADE,
        related_name="reviews",
    )
    rating = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["product", "author"], name="review_once_per_author")
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5 for {self.product_id}"
