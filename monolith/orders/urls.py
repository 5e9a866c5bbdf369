"""Addresses of the orders app."""

urlpatterns: list = []
