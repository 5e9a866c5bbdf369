from django.apps import AppConfig

from strangler.client.registration import register_on_start


class ShopConfig(AppConfig):
    name = "tests.client.shopsite"
    label = "shopsite"

    def ready(self) -> None:
        register_on_start("products")
