from users.models import Address, User


def columns(city):
    emails = list(User.objects.filter(is_active=True).values_list("email", flat=True))
    pairs = dict(User.objects.values_list("id", "name"))
    cities = sorted(set(Address.objects.values_list("city", flat=True).distinct()))
    rows = [row["user__name"] for row in Address.objects.filter(city=city).values("user__name", "city")]
    top = list(User.objects.order_by("-joined").values_list("name")[:3])
    return emails, pairs, cities, rows, top, "x" in User.objects.values_list("name", flat=True)


def refused():
    a = User.objects.values_list("email", flat=True)
    b = list(User.objects.values("id", "orders__total"))
    c = list(User.objects.values())
    d = User.objects.values_list("email", flat=True).first()
    return a, b, c, d, list(User.objects.values("id"))
