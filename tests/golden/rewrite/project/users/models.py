from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class ActiveManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)

    def named(self, name):
        return self.filter(name=name)

    def led_by(self, boss, *, name=""):
        return self.filter(boss=boss, name__contains=name).first()

    def first_led_by(self, boss):
        return self.only("name").filter(boss=boss).first()

    def of(self, **columns):
        return self.filter(**columns)


class User(AbstractBaseUser):
    USERNAME_FIELD = "email"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=50)
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(auto_now_add=True)
    boss = models.ForeignKey("self", models.SET_NULL, null=True, related_name="team")

    objects = models.Manager()
    active = ActiveManager()

    @property
    def first_name(self):
        return self.name.split()[0]

    def greeting(self):
        return f"Dear {self.name}"

    def letter(self, subject):
        return f"{subject}: {self.greeting()}"

    def deactivate(self):
        self.is_active = False
        self.save()


class Profile(models.Model):
    user = models.OneToOneField(User, models.CASCADE, related_name="profile")
    phone = models.CharField(max_length=20)
    points = models.IntegerField(default=0)
    friends = models.ManyToManyField(User, related_name="fans")


class Address(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    city = models.CharField(max_length=50)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["city"]

    class Kind(models.TextChoices):
        HOME = "home", "At home"
        WORK = "work"

    class Zone(models.TextChoices):
        HERE = "here".upper()

    MOST = 3


class Receipt(models.Model):
    order = models.OneToOneField("shop.Order", models.CASCADE, related_name="receipt")
    user = models.ForeignKey(User, models.CASCADE)
    number = models.CharField(max_length=20)


class Note(models.Model):
    order = models.ForeignKey("shop.Order", models.CASCADE, related_name="notes")
    text = models.CharField(max_length=20)
