"""One provider under test, which PROVIDER names, beside the shop's own URLs."""

import os

from django.http import HttpResponse
from django.urls import include, path

from monolith.config import urls as shop
from strangler.client import serving
from strangler.client.pacts import states

urlpatterns = [
    path("", include(serving.urls(os.environ["PROVIDER"]))),
    path("", include(states.urls())),
    path("healthz", lambda _request: HttpResponse("ok")),
    *shop.urlpatterns,
]
