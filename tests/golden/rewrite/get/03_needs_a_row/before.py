from django.shortcuts import get_object_or_404
from shop.models import Order
from users.models import User


def rename(pk, name):
    user = User.objects.get(pk=pk)
    user.name = name
    print(name)
    user.save()


def give(pk):
    return User.objects.get(pk=pk)


def deactivate(pk):
    User.objects.get(pk=pk).deactivate()


def letter(pk):
    return User.objects.get(pk=pk).letter("Sale")


def all_of(pk):
    return [each.city for each in User.objects.get(pk=pk).addresses.all()]


def kept(self, pk):
    self.user = User.objects.get(pk=pk)


def passed(pk, form_class):
    form_class(instance=User.objects.get(pk=pk))


def ordered(pk):
    user = get_object_or_404(User, pk=pk)
    return Order(user=user).total
