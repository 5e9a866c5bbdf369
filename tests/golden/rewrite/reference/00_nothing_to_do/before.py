from django.db import models


def make(to):
    return models.ForeignKey(to, models.CASCADE)


class Order(models.Model):
    user = make("users.User")
    total = models.IntegerField()


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
