"""The app that makes keys into copied tables plain ids for the database."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import class_prepared

from strangler.client.replicas.loosen import loosen

class_prepared.connect(loosen, dispatch_uid="strangler.client.replicas")


class ReplicasConfig(AppConfig):
    """Stands before every app that has a relation to a copied table."""

    name = "strangler.client.replicas"
    label = "strangler_replicas"
    verbose_name = "Replicas"

    def ready(self) -> None:
        """Let the admin's fields find copied rows, where there is an admin."""
        if apps.is_installed("django.contrib.admin"):
            from strangler.client.replicas import admin  # noqa: PLC0415 - it needs the models

            admin.register()
