"""Settings of the users service: the monolith's, and what differs alone.

`monolith.config.settings` is copied as it is, so every setting means what it meant there.
"""

import os
from pathlib import Path

import environ

from monolith.config.settings import *  # noqa: F403
from users_service.databases import database_settings

INSTALLED_APPS = [
    "strangler.client.replicas",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "monolith.common",
    "monolith.users",
    "monolith.products.apps.ReplicasConfig",
    "monolith.orders.apps.ReplicasConfig",
    "monolith.payments.apps.ReplicasConfig",
    "strangler.client.idempotency",
    "users_service",
]

MIDDLEWARE = [
    "strangler.client.telemetry.TelemetryMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "strangler.client.sticky.StickyUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "users_service.urls"
WSGI_APPLICATION = "users_service.wsgi.application"

_VAR = Path(__file__).resolve().parents[1] / "var"
DATABASE_URL = environ.Env().str("DATABASE_URL", default=f"sqlite:///{_VAR / 'users.sqlite3'}")
DATABASES = {"default": database_settings(DATABASE_URL)}
if "MONOLITH_DATABASE_URL" in os.environ:  # where `manage.py copy_tables` reads
    _there = database_settings(os.environ["MONOLITH_DATABASE_URL"])
    DATABASES["monolith"] = {**_there, "OPTIONS": {}}
STRANGLER_OWNED = [
    "admin",
    "auth",
    "contenttypes",
    "sessions",
    "authtoken",
    "users",
]  # apps whose tables `copy_tables` fills
# Copies of other services' tables, to read: see the README.
STRANGLER_REPLICAS = [
    "orders.Order",
    "orders.OrderLine",
    "payments.Payment",
    "payments.PaymentMethod",
    "payments.Refund",
    "products.Category",
    "products.Product",
    "products.Stock",
]
DATABASE_ROUTERS = ["strangler.client.replicas.router.ReplicaRouter"]

# --- Other services ---
os.environ.setdefault("PRODUCTS_CLIENT_TRANSPORT", "http")
os.environ.setdefault("ORDERS_CLIENT_TRANSPORT", "http")
os.environ.setdefault("PAYMENTS_CLIENT_TRANSPORT", "http")

STRANGLER_ACCOUNTS_PROVIDER = "monolith.users.provider"

del SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"][
    "PaymentStatusEnum"
]  # monolith.payments.models.Payment.Status

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
            "static_fields": {"service": "users"},
        }
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["trace"]}
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
