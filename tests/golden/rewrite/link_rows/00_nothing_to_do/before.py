from shop.models import Line
from users.models import User


def own(line: Line, user: User, names: set):
    names.add(user)
    line.watchers.add(user)
    names.clear()
