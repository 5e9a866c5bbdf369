"""Settings of a release of the products service with a fault, for the demonstration and tests.

The fault is a common one: a price goes through a float on its way out. One product in three has
its price as a JSON number, rounded to ten cents; the rest are as they should be.
"""

from collections.abc import Callable
from typing import Any

from products_service.settings import *  # noqa: F403
from products_service.settings import MIDDLEWARE

MIDDLEWARE = [*MIDDLEWARE, "tests.demo.regressed_settings.PricesThroughFloats"]


class PricesThroughFloats:
    """Breaks the product detail's serializer when the release starts; passes requests on."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        from monolith.products.serializers import ProductDetailSerializer  # noqa: PLC0415

        right = ProductDetailSerializer.to_representation

        def to_representation(serializer: Any, product: Any) -> Any:
            body = right(serializer, product)
            if product.pk % 3 == 0:
                body["price"] = round(float(body["price"]), 1)
            return body

        ProductDetailSerializer.to_representation = to_representation
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)
