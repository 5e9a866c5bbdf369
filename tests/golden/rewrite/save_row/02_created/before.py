from users.models import Address, Profile, User


def made(user: User, city):
    address = Address(user=user)
    address.city = city
    address.is_default = True
    address.save()
    return address.city, address.pk


def made_at_once(user: User):
    if user.is_active:
        Profile.objects.filter(user=user).count()

        # the first one
        profile = Profile(user=user, phone="1")
        profile.save()
