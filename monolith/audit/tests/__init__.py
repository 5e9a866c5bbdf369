"""Tests of the audit app, seen from outside."""
