"""Orders."""

from django.conf import settings
from django.db import models


class Order(models.Model):
    # who pays
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    gift_to = models.ForeignKey(
        to="users.User",
        on_delete=models.PROTECT,  # never lose a gift
        null=True,
        related_name="gifts",
    )
    address: "models.ForeignKey" = models.ForeignKey("users.Address", models.PROTECT)
    total = models.IntegerField()


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    packed_by = models.ForeignKey("users.User", models.SET_NULL, null=True, related_name="+")
