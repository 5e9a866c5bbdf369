"""The operations, the metrics, and a page that calls the service."""

from django.http import JsonResponse
from django.urls import include, path
from strangler.client import metrics, serving
from tests.client.ledgersite.ledger import operations


def page(request):
    """Answer what a call from a page carries along."""
    return JsonResponse(operations.context())


urlpatterns = [
    path("internal/", include(serving.urls("tests.client.ledgersite.ledger.provider"))),
    path("metrics", metrics.view),
    path("page", page),
]
