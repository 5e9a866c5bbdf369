"""The glue as an app: a process that starts to serve joins the proxy's registry."""

from django.apps import AppConfig

from strangler.client.registration import register_on_start


class GlueConfig(AppConfig):
    """The payments service."""

    name = "payments_service"

    def ready(self):
        register_on_start("payments")
