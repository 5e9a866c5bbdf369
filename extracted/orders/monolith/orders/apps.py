"""The orders app and the signals it listens to."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "monolith.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monolith.orders import cancelling_saga, saga, signals  # noqa: F401, PLC0415
