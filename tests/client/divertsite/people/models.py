"""What the service owns: integer, text and UUID keys, inheritance, a relation inside."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    country = models.ForeignKey("people.Country", null=True, blank=True, on_delete=models.SET_NULL)

    @property
    def full_name(self):
        return self.get_full_name()

    def greet(self, word="Hello"):
        return f"{word} {self.first_name}"


class Staff(User):
    class Meta:
        proxy = True


class Profile(models.Model):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    phone = models.CharField(max_length=20, blank=True)


class Country(models.Model):
    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=80)

    def __str__(self):
        return self.name


class Company(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    slug = models.SlugField(unique=True)

    def __str__(self):
        return self.slug


class Partner(Company):
    level = models.IntegerField(default=1)
