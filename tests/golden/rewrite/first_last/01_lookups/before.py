from users.models import Address, User


def newest(city):
    user = User.objects.order_by("-joined", "name").first()
    home = Address.objects.filter(city=city).last()
    any_user = User.objects.order_by().first()
    if user is None or not home:
        return any_user and any_user.email
    return user.first_name, home.user.profile.phone


def refused():
    first = User.objects.first()
    first.delete()
    return User.objects.reverse().first().name
