"""Fixtures that replay recorded traffic against a monolith and a service."""
