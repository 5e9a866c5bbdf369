"""Clients of the services that left, one package each."""
