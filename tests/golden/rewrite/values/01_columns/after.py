from clients import users_client
from users.models import User


def columns(city):
    emails = users_client.values_email_of_users_by_is_active(is_active=True)
    pairs = dict(users_client.rows_id_and_name_of_users())
    cities = sorted(set(users_client.values_city_of_addresses_distinct()))
    rows = [row["user__name"] for row in users_client.dicts_user__name_and_city_of_addresses_by_city(
        city=city
    )]
    top = users_client.rows_name_of_users_ordered_by_joined_desc_limited(limit=3)
    return emails, pairs, cities, rows, top, "x" in users_client.values_name_of_users()


def refused():
    a = User.objects.values_list("email", flat=True)
    b = list(User.objects.values("id", "orders__total"))
    c = list(User.objects.values())
    d = User.objects.values_list("email", flat=True).first()
    return a, b, c, d, list(User.objects.values("id"))
