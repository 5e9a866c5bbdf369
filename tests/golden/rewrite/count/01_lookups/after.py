from clients import users_client
from users.models import Address, User


def numbers(user: User, names: list):
    everybody = users_client.count_users()
    here = users_client.count_users_by_joined__year_and_name_in(name_in=names, joined__year=2024)
    text = f"{users_client.count_addresses_by_user_id(user_id=user.pk)} of {users_client.count_addresses_by_city(city='Rome')}"
    return everybody, here, text, users_client.count_users_by_boss_id_isnull(boss_id_isnull=True)


def refused(user):
    few = User.objects.all()[:5].count()
    return few, User.objects.values("name").distinct().count(), Address.objects.filter(user=user).count()
