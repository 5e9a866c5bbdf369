from clients import users_client
from shop.models import Order
from strangler.client.shortcuts import get_or_404
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
    return [each.city for each in users_client.get_user(id=pk).addresses.all()]


def kept(self, pk):
    self.user = User.objects.get(pk=pk)


def passed(pk, form_class):
    form_class(instance=User.objects.get(pk=pk))


def ordered(pk):
    user = get_or_404(users_client.get_user, id=pk)
    return Order(user=user).total
