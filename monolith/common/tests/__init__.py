"""Tests of what the apps share."""
