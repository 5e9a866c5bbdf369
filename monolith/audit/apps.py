"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "monolith.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
