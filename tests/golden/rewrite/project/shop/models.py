from django.db import models
from users.models import Address, User


class Order(models.Model):
    user = models.ForeignKey(User, models.PROTECT, related_name="orders")
    gift_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="gifts")
    address = models.ForeignKey(Address, models.PROTECT, related_name="orders")
    total = models.IntegerField()
    placed = models.DateTimeField(auto_now_add=True)


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    packed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    watchers = models.ManyToManyField(User, related_name="watched")


class Parcel(models.Model):
    sender = models.ForeignKey(User, models.PROTECT, related_name="+")
