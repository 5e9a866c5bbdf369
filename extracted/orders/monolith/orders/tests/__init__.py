"""Tests of the orders app, seen from outside."""
