from users.models import Address, User


def numbers(user: User, names: list):
    everybody = User.objects.count()
    here = User.objects.filter(
        name__in=names, joined__year=2024
    ).order_by("name").count()
    text = f"{user.addresses.count()} of {len(Address.objects.filter(city='Rome'))}"
    return everybody, here, text, User.objects.filter(boss=None).count()


def refused(user):
    few = User.objects.all()[:5].count()
    return few, User.objects.values("name").distinct().count(), Address.objects.filter(user=user).count()
