from clients import users_client

KINDS = (users_client.Address.Kind.HOME, users_client.Address.Kind.WORK)  # kept


def choices(kind=users_client.Address.Kind.HOME):
    if kind in {users_client.Address.Kind.WORK}:
        return users_client.Address.Kind.choices
    return [f"{users_client.Address.MOST}"]
