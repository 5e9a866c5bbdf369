"""The catalogue's app; when the process starts to serve, it joins the proxy's registry."""

from django.apps import AppConfig

from strangler.client.registration import register_on_start


class ProductsConfig(AppConfig):
    name = "products_service.products"
    label = "products"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from products_service.products import signals  # noqa: F401, PLC0415

        register_on_start("products")
