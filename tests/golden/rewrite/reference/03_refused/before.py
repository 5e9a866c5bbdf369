from django.db import models


class Line(models.Model):
    order = models.ForeignKey("shop.Order", models.CASCADE, related_name="lines")
    watchers = models.ManyToManyField("users.User", related_name="watched")
