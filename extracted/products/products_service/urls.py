"""Root URLs: probes, then the catalogue's API at the addresses it had in the monolith."""

from django.urls import include, path

from products_service.common import health

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("products_service.products.urls")),
]

handler404 = "products_service.common.errors.not_found"
handler500 = "products_service.common.errors.server_error"
