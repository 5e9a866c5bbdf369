"""The users app and the signals it listens to."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "monolith.users"
    label = "users"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monolith.users import signals  # noqa: F401, PLC0415
