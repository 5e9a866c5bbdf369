"""Tests of the service, run alone: `pytest` in this service's folder."""
