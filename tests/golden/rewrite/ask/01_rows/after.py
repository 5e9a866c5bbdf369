from clients import users_client
from users.models import User


def led(boss: User, name):
    user = users_client.ask_users_led_by_with_boss_id_and_name_through_active(
        boss_id=boss.pk, name=name
    )
    if user is None:
        return None
    first = users_client.ask_users_led_by_with_boss_id_and_name_through_active(
        name="Ada", boss_id=User.objects.get(pk=1).pk
    )
    return user.email, first and first.greeting()
