"""Root URLs of the payments service: probes, then its addresses as the monolith had them.

What comes last is answered 404: addresses of other services, so that their names still have one.
"""

from django.urls import include, path
from payments_service import health, urls_elsewhere
from strangler.client import metrics, serving

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.view, name="metrics"),
    path("internal/", include(serving.urls("monolith.payments.provider"))),
    path("", include("monolith.payments.urls")),
    *urls_elsewhere.urlpatterns,
]

handler404 = "monolith.common.errors.not_found"
handler500 = "monolith.common.errors.server_error"
