from clients import users_client
from users.models import User


def newest(city):
    user = users_client.first_user_ordered_by_joined_desc_and_name()
    home = users_client.last_address_by_city(city=city)
    any_user = users_client.first_user_ordered_by_id()
    if user is None or not home:
        return any_user and any_user.email
    return user.first_name, home.user.profile.phone


def refused():
    first = User.objects.first()
    first.delete()
    return User.objects.reverse().first().name
