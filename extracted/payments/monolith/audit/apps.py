"""The audit app and the signals it listens to."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "monolith.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monolith.audit import signals  # noqa: F401, PLC0415
