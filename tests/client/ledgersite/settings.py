"""Settings of the ledger, all by environment."""

import os
from urllib.parse import urlsplit

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["*"]
SITE = "tests.client.ledgersite"
INSTALLED_APPS = [SITE + ".ledger"]
if os.environ.get("LEDGER_KEYS") == "1":
    INSTALLED_APPS.append("strangler.client.idempotency")
MIDDLEWARE = ["strangler.client.middleware.CallContextMiddleware"]
ROOT_URLCONF = SITE + ".urls"
_url = urlsplit(os.environ.get("LEDGER_DB", "sqlite:///:memory:"))
if _url.scheme == "postgres":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _url.path[1:],
            "USER": _url.username,
            "PASSWORD": _url.password,
            "HOST": _url.hostname,
            "PORT": _url.port,
        }
    }
else:
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": _url.path[1:] or ":memory:"}
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
MIGRATION_MODULES = {"ledger": None}
