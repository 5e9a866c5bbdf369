"""Categories, products and reviews made up for tests and the seed."""

from decimal import Decimal

import factory
from django.utils.text import slugify

from monolith.products.models import Category, Product, Review, Stock, Tag
from monolith.users.factories import UserFactory


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.LazyAttribute(lambda category: slugify(category.name))


class TagFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")
    slug = factory.LazyAttribute(lambda tag: slugify(tag.name))


class ProductFactory(factory.django.DjangoModelFactory):
    """A product whose stock row is created by the signal; `stock__quantity=5` fills it.

    Without a number 100 pieces are in stock.
    """

    class Meta:
        model = Product
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda n: f"SKU-{n:06d}")
    name = factory.Sequence(lambda n: f"Product {n}")
    slug = factory.LazyAttribute(lambda product: slugify(product.name))
    description = factory.Faker("sentence", nb_words=12)
    category = factory.SubFactory(CategoryFactory)
    price = Decimal("10.00")

    @factory.post_generation
    def stock(product, create, extracted, quantity=100, reserved=0, **kwargs):  # noqa: N805
        if create:
            row, _ = Stock.objects.update_or_create(
                product=product, defaults={"quantity": quantity, "reserved": reserved}
            )
            product.stock = row

    @factory.post_generation
    def tags(product, create, extracted, **kwargs):  # noqa: N805
        if create and extracted:
            product.tags.set(extracted)


class ReviewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Review

    product = factory.SubFactory(ProductFactory)
    author = factory.SubFactory(UserFactory)
    rating = factory.Faker("random_int", min=1, max=5)
    text = factory.Faker("paragraph", nb_sentences=2)
