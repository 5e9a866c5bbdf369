"""The admin, and the operations of `odd` beside it."""

from django.contrib import admin
from django.urls import include, path
from strangler.client import serving

urlpatterns = [
    path("admin/", admin.site.urls),
    path("internal/", include(serving.urls("tests.client.divertsite.odd.provider"))),
]
