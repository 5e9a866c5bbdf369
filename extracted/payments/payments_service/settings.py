"""Settings of the payments service: the monolith's, and what differs alone.

`monolith.config.settings` is copied as it is, so every setting means what it meant there.
"""

import os
from pathlib import Path

import environ

os.environ.setdefault("CHECKOUT_SAGA", "1")

from monolith.config.settings import *  # noqa: F403
from payments_service.databases import database_settings

INSTALLED_APPS = [
    "strangler.client.replicas",
    "strangler.client.accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "monolith.common",
    "monolith.users.apps.ReplicasConfig",
    "monolith.orders.apps.ReplicasConfig",
    "monolith.payments",
    "monolith.audit",
    "strangler.client.idempotency",
    "strangler.client.saga",
    "payments_service",
]

MIDDLEWARE = [
    "strangler.client.telemetry.TelemetryMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "strangler.client.accounts.middleware.AccountsMiddleware",
    "strangler.client.sticky.StickyUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "payments_service.urls"
WSGI_APPLICATION = "payments_service.wsgi.application"

_VAR = Path(__file__).resolve().parents[1] / "var"
DATABASE_URL = environ.Env().str("DATABASE_URL", default=f"sqlite:///{_VAR / 'payments.sqlite3'}")
DATABASES = {"default": database_settings(DATABASE_URL)}
if "MONOLITH_DATABASE_URL" in os.environ:  # where `manage.py copy_tables` reads
    _there = database_settings(os.environ["MONOLITH_DATABASE_URL"])
    DATABASES["monolith"] = {**_there, "OPTIONS": {}}
STRANGLER_OWNED = ["payments"]  # apps whose tables `copy_tables` fills
# Copies of other services' tables, to read: see the README.
STRANGLER_REPLICAS = ["orders.Order", "users.Address", "users.User"]
DATABASE_ROUTERS = ["strangler.client.replicas.router.ReplicaRouter"]

# --- Other services ---
os.environ.setdefault("USERS_CLIENT_TRANSPORT", "http")
os.environ.setdefault("PRODUCTS_CLIENT_TRANSPORT", "http")
os.environ.setdefault("ORDERS_CLIENT_TRANSPORT", "http")
os.environ.setdefault("ACCOUNTS_CLIENT_TRANSPORT", "http")
# Accounts are asked of the service that owns them.
if "USERS_CLIENT_URL" in os.environ:
    _url = os.environ["USERS_CLIENT_URL"].rstrip("/")
    os.environ.setdefault("ACCOUNTS_CLIENT_URL", _url + "/accounts")
if "USERS_CLIENT_TOKEN" in os.environ:
    os.environ.setdefault("ACCOUNTS_CLIENT_TOKEN", os.environ["USERS_CLIENT_TOKEN"])

# Accounts live elsewhere: users.User is a copy, to be joined, and the owner tells who
# asks. A session here is this service's own.
AUTH_USER_MODEL = "users.User"
STRANGLER_ACCOUNTS = {"model": "users.User", "client": "monolith.clients.users_client"}
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "payments_session"
CSRF_USE_SESSIONS = False
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
REST_FRAMEWORK = {
    **globals().get("REST_FRAMEWORK", {}),
    "DEFAULT_AUTHENTICATION_CLASSES": ["strangler.client.accounts.drf.AccountAuthentication"],
}

del SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"][
    "OrderStatusEnum"
]  # monolith.orders.models.Order.Status

# --- Logs: one JSON object a line, with the trace that the request belongs to ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "strangler.client.propagation.tracing.TraceFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(trace_id)s %(request_id)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            "static_fields": {"service": "payments"},
        }
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["trace"]}
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
