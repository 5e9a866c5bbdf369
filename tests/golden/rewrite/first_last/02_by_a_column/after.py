from clients import users_client
from users.models import Address, User


def newest(flag):
    user = users_client.latest_user_by_is_active_ordered_by_joined(is_active=flag)
    first = users_client.earliest_user_ordered_by_joined_desc_and_id()
    return user.email, first.email


def refused():
    return User.objects.latest(), Address.objects.all()[:3].earliest("city")
