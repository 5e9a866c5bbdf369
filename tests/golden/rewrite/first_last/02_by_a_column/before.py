from users.models import Address, User


def newest(flag):
    user = User.objects.filter(is_active=flag).latest("joined")
    first = User.objects.order_by("name").earliest("-joined", "pk")
    return user.email, first.email


def refused():
    return User.objects.latest(), Address.objects.all()[:3].earliest("city")
