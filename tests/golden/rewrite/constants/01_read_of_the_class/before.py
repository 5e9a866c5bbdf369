from users.models import Address

KINDS = (Address.Kind.HOME, Address.Kind.WORK)  # kept


def choices(kind=Address.Kind.HOME):
    if kind in {Address.Kind.WORK}:
        return Address.Kind.choices
    return [f"{Address.MOST}"]
