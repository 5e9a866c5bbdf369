"""The payments app and the signals it listens to."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "monolith.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monolith.payments import order_saga, signals  # noqa: F401, PLC0415
