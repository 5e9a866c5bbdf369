"""Copied models in the admin: to be looked up from the rows that refer to them, never changed."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models

from strangler.client.replicas.loosen import labels


class ReplicaAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Serves `autocomplete_fields` and `raw_id_fields` that lead to a copied model."""

    def has_module_permission(self, request: Any) -> bool:  # noqa: ARG002
        """Keep it off the index: its own pages are with its owner."""
        return False

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse: a copy is only read."""
        return False

    has_change_permission = has_delete_permission = has_add_permission


def register() -> None:
    """Register every copied model that no admin of the service's own shows."""
    for label in sorted(labels()):
        model = apps.get_model(label)
        if not admin.site.is_registered(model):
            texts = [f.name for f in model._meta.concrete_fields if _is_name(f)] or ["pk"]
            admin.site.register(model, type("Copied", (ReplicaAdmin,), {"search_fields": texts}))


def _is_name(field: Any) -> bool:
    return isinstance(field, models.CharField) and not field.choices
