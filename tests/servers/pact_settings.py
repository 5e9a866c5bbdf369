"""The shop as a provider under test: its operations, and the states that pacts ask for."""

from monolith.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.servers.pact_urls"
MIDDLEWARE: list[str] = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PACT_STATES = {"users.Profile": "tests.servers.pact_rows.profile"}
