"""The products app and the signals it listens to."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "monolith.products"
    label = "products"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monolith.products import signals  # noqa: F401, PLC0415
