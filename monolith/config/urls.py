"""Root URLs: health, schema, admin, then each app's API and pages."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from monolith.common import health

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("monolith.users.urls")),
    path("", include("monolith.products.urls")),
    path("", include("monolith.orders.urls")),
    path("", include("monolith.payments.urls")),
]

handler404 = "monolith.common.errors.not_found"
handler500 = "monolith.common.errors.server_error"
