"""What runs under the monolith's own interpreter: Python 3.6 and Django 2.2 onwards.

environment (what is read while it starts) ─> names ─> modules, models, members, registries
    ─> probe: everything as JSON

Loaded by `../probe.py` under a name of its own; imports nothing of codemods. Values are classified
by `type(value)` alone: lazy objects stay asleep, and no query is ever made.
"""
