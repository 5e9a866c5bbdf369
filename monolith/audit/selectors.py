"""Reading the audit log."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Model, QuerySet

from monolith.audit.models import AuditEntry


def entries_about(target: Model) -> QuerySet[AuditEntry]:
    """Return what was done to one object, newest first, with the actors loaded."""
    return AuditEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(target), object_id=str(target.pk)
    ).select_related("actor__profile")


def busiest_actors(*, limit: int) -> list[tuple[str, int]]:
    """Return the addresses of the users with most entries, and how many."""
    rows = (
        AuditEntry.objects.filter(actor__is_active=True)
        .values("actor__email")
        .annotate(entries=Count("id"))
        .order_by("-entries", "actor__email")
    )
    return [(row["actor__email"], row["entries"]) for row in rows[:limit]]
