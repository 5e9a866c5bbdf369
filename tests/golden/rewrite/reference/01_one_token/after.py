"""Orders."""

from clients import users_client
from django.conf import settings
from django.db import models


class Order(models.Model):
    # who pays
    user = users_client.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    gift_to = users_client.ForeignKey(
        to="users.User",
        on_delete=models.PROTECT,  # never lose a gift
        null=True,
        related_name="gifts",
    )
    address: "models.ForeignKey" = users_client.ForeignKey("users.Address", models.PROTECT)
    total = models.IntegerField()


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    packed_by = users_client.ForeignKey("users.User", models.SET_NULL, null=True, related_name="+")
