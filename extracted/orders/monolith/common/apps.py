"""The app that holds what the others share."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "monolith.common"
    label = "common"
