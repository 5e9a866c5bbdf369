"""The app that notes how far sagas are."""

from django.apps import AppConfig


class SagaConfig(AppConfig):
    """Keeps the runs of sagas in the database of the service that begins them."""

    name = "strangler.client.saga"
    label = "strangler_saga"
    verbose_name = "Sagas"
    default_auto_field = "django.db.models.BigAutoField"
