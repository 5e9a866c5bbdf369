"""Tests of the products app."""
