from users.services import dear


def total(items):
    return sum(items)


def letter(name: str) -> str:
    return dear(name)
