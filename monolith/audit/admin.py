"""The audit log in the admin: to read, never to edit."""

from django.contrib import admin
from django.contrib.contenttypes.admin import GenericTabularInline
from django.http import HttpRequest

from monolith.audit.models import AuditEntry


class ReadOnly:
    """Permissions of a log: look, and nothing else."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AuditEntryInline(ReadOnly, GenericTabularInline):
    """What was done to the object shown, under its form."""

    model = AuditEntry
    fields = ("created_at", "verb", "actor", "data")
    readonly_fields = fields
    extra = 0


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("created_at", "verb", "actor_email", "target")
    list_filter = ("verb",)
    search_fields = ("actor__email__iexact", "actor__last_name", "object_id")
    list_select_related = ("actor", "content_type")

    @admin.display(ordering="actor__email", description="actor")
    def actor_email(self, entry: AuditEntry) -> str:
        return entry.actor.email if entry.actor else "system"
