from users.models import User


def led(boss: User, name):
    user = User.active.led_by(boss, name=name)
    if user is None:
        return None
    first = User.active.led_by(name="Ada", boss=User.objects.get(pk=1))
    return user.email, first and first.greeting()
