from users.models import Address, User


def passed_on():
    return User.objects.filter(is_active=True)


def changed(users=()):
    for user in User.objects.all():
        user.name = "x"
    for user in User.objects.all():
        users.append(user)


def last():
    return User.objects.all()[-1].name, [u.name for u in User.objects.all()[::2]]


def raw():
    return [u.name for u in User.objects.raw("SELECT 1")], [u.name for u in User.objects.annotate(n=1)]


def related(pk):
    user = User.objects.get(pk=pk)
    return user.addresses.all()


def many_to_many(user: User):
    return [p.phone for p in user.fans.filter(friends__name="x", user__name="y")]


def combined():
    return [a.city for a in Address.objects.all() | Address.objects.filter(city="x")]
