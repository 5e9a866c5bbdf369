from shop.models import Line, Order
from users.models import Address, Profile


def points(order: Order):
    profile, _ = Profile.objects.select_for_update().get_or_create(user=order.user)
    Address(user=order.gift_to, city=order.address.city).save()
    profile.points += 1
    profile.save()


def asked_anyway(line: Line):
    return Address.objects.filter(user=line.packed_by).count()


def elsewhere(order: Order):
    return Profile.objects.filter(friends=order.user).update(points=0)
