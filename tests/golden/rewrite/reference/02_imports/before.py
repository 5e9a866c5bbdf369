from __future__ import annotations

import django.db.models
from django.db.models import PROTECT, ForeignKey, Model
from users.models import User


class Order(Model):
    user = ForeignKey(User, PROTECT, related_name="orders")
    address = django.db.models.ForeignKey("users.Address", PROTECT)
