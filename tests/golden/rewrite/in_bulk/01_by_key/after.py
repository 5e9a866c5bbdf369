from clients import users_client
from users.models import User

from shop.models import Order


def emails(user_ids):
    return {key: user.email for key, user in {
        each.pk: each
        for each in users_client.get_users_by_ids(ids=list(user_ids))
    }.items()}


def names(orders: "list[Order]"):
    users = {
        each.pk: each
        for each in users_client.get_users_by_ids(ids=[order.user_id for order in orders])
    }
    for order in orders:
        print(order.total, users[order.user_id].name)
    return len(users), users.get(3) is None


def refused(ids, emails):
    everybody = User.objects.in_bulk()
    by_email = User.objects.in_bulk(emails, field_name="email")
    return everybody, by_email, User.objects.in_bulk(ids)
