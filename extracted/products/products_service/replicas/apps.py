"""The app that holds the replica tables."""

from django.apps import AppConfig


class ReplicasConfig(AppConfig):
    name = "products_service.replicas"
    label = "replicas"
    default_auto_field = "django.db.models.BigAutoField"
