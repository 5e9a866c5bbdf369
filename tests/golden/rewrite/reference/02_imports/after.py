from __future__ import annotations

from clients import users_client
import django.db.models
from django.db.models import PROTECT, Model
from users.models import User


class Order(Model):
    user = users_client.ForeignKey(User, PROTECT, related_name="orders")
    address = users_client.ForeignKey("users.Address", PROTECT)
