"""What is written."""

from django.db import models


class Entry(models.Model):
    word = models.CharField(max_length=40)
