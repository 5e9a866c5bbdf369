from shop.models import Order
from users.models import Profile


def own(pk):
    order = Order.objects.get(pk=pk)
    order.total = 3
    order.save()
    order = Order(total=4)
    order.save()


def reads(pk):
    profile = Profile.objects.get(pk=pk)
    total = profile.points
    return total


class Keeper:
    def save(self):
        self.phone = "1"


def not_a_row(keeper: Keeper):
    keeper.phone = "2"
    keeper.save()
