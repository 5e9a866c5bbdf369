from django.db import transaction
from users.models import User


def refused(boss: User, given, request):
    User.active.led_by(*given)
    User.active.led_by(boss, name=request)
    User.active.led_by(boss.boss)
    User.active.led_by(User.active.named("Bo").first())
    User.active.filter(name="Ada").led_by(boss)
    with transaction.atomic():
        User.active.led_by(boss)
    User.active.led_by(boss).deactivate()
    User.active.first_led_by(boss)
