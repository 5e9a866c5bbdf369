"""Tests of the payments app, seen from outside."""
