"""The audit log: one row per act, pointing at any model by a generic foreign key."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from monolith.clients import users_client


class AuditEntry(models.Model):
    """One act: who, what was done, to which object, with which details."""

    actor = users_client.SERVICE.Reference(
        "users.User",
        models.BigIntegerField,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="audit_entries",
    )
    verb = models.CharField(max_length=64)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64)
    target = GenericForeignKey("content_type", "object_id")
    data = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("-id",)
        indexes = [models.Index(fields=["content_type", "object_id"], name="audit_target_idx")]

    def __str__(self) -> str:
        who = self.actor.email if self.actor_id is not None else "system"
        return f"{who} {self.verb} {self.content_type_id}:{self.object_id}"
