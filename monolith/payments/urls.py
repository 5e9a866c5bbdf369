"""Addresses of the payments app."""

urlpatterns: list = []
