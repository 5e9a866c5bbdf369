"""Addresses of the users app."""

urlpatterns: list = []
