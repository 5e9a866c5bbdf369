"""What refers to the service: every form of relation that projects write."""

from django.conf import settings
from django.db import models
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.people.models import Country


def default_country():
    return people_client.get_country(code="de")


class Order(models.Model):
    number = models.CharField(max_length=10)
    user = people_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="orders"
    )
    approved_by = people_client.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    country = people_client.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="orders", default=default_country
    )

    def __str__(self):
        return f"{self.number} for {self.user}"


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    company = people_client.ForeignKey("people.Company", on_delete=models.PROTECT)
    supplier = people_client.ForeignKey(
        "people.Company",
        to_field="slug",
        null=True,
        on_delete=models.PROTECT,
        related_name="supplied",
    )


class Cart(models.Model):
    user = people_client.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="cart",
    )


class Badge(models.Model):
    user = people_client.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE
    )


class Owned(models.Model):
    owner = people_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="%(class)s_set"
    )

    class Meta:
        abstract = True


class Note(Owned):
    pass


class Memo(Owned):
    pass


class SpecialOrder(Order):
    reason = models.CharField(max_length=10)


class ProxyOrder(Order):
    class Meta:
        proxy = True


class Contact(models.Model):
    partner = people_client.ForeignKey("people.Partner", on_delete=models.CASCADE)
    staff = people_client.ForeignKey("people.Staff", null=True, on_delete=models.CASCADE)


class Ticket(models.Model):
    """What `Slip` was before its relations were severed: the same names, columns and rules."""

    label = models.CharField(max_length=10)
    user = people_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tickets"
    )
    checked_by = people_client.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    country = people_client.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="tickets", default=default_country
    )
    company = people_client.OneToOneField(
        "people.Company", null=True, on_delete=models.SET_NULL, related_name="ticket"
    )

    class Meta:
        unique_together = [("user", "label")]
        indexes = [models.Index(fields=["user", "-label"], name="ticket_user_idx")]


class Slip(models.Model):
    """The same with plain id columns."""

    label = models.CharField(max_length=10)
    user = people_client.SERVICE.Reference(
        "people.User", models.BigIntegerField, on_delete=models.CASCADE, related_name="slips"
    )
    checked_by = people_client.SERVICE.Reference(
        "people.User",
        models.BigIntegerField,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    country = people_client.SERVICE.Reference(
        "people.Country",
        models.CharField(max_length=2),
        on_delete=models.PROTECT,
        related_name="slips",
        default=default_country,
    )
    company = people_client.SERVICE.Reference(
        "people.Company",
        models.UUIDField,
        on_delete=models.SET_NULL,
        related_name="slip",
        null=True,
        unique=True,
    )

    class Meta:
        unique_together = [("user", "label")]
        indexes = [models.Index(fields=["user", "-label"], name="slip_user_idx")]
