"""Addresses of the products app."""

urlpatterns: list = []
