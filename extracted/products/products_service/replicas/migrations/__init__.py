"""Migrations of the replica tables."""
