"""Migrations of the catalogue's tables."""
