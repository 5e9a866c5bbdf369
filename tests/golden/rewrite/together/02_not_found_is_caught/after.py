from clients import users_client
from django.core.exceptions import ObjectDoesNotExist
from users.models import User

from shop.models import Order


def name_of(pk):
    try:
        user = users_client.get_user(id=pk)
        order = Order.objects.get(user_id=pk)
    except (users_client.User.DoesNotExist, Order.DoesNotExist):
        return None
    except users_client.User.MultipleObjectsReturned:  # cannot happen
        raise
    else:
        return user.name, order.total


def outer(pk):
    try:
        try:
            return users_client.get_address(id=pk).city
        except ObjectDoesNotExist as error:
            raise KeyError(pk) from error
        except User.DoesNotExist:
            return ""
    except users_client.Address.DoesNotExist:
        return None


def saved(pk):
    try:
        user = User.objects.get(pk=pk)
    except User.DoesNotExist:
        return
    user.save()
