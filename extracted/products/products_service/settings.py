"""Settings of the products service, read from the environment (and from `.env` beside manage.py).

Without any variable set this is a development service on loopback with a SQLite file. Setting
SECRET_KEY makes it a production one: DEBUG is then off unless asked for.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from products_service.databases import database_settings

BASE_DIR = Path(__file__).resolve().parents[1]
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default="SECRET_KEY" not in env)
SECRET_KEY = env.str("SECRET_KEY", default="development-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set and DEBUG is off. Set SECRET_KEY to a long random value, or set "
        "DEBUG=true for a development service."
    )
LOOPBACK_HOSTS = ["localhost", ".localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK_HOSTS)

INSTALLED_APPS = [
    "rest_framework",
    "django_filters",
    "products_service.products",
    "products_service.replicas",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "products_service.identity.middleware.VaryOnSessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "products_service.urls"
WSGI_APPLICATION = "products_service.wsgi.application"

# --- Data ------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'products.sqlite3'}")
DATABASES = {"default": database_settings(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Identity ----------------------------------------------------------------------------------
# Where the accounts are. Empty: nobody is recognised and everyone reads what the public may read.
IDENTITY_URL = env.str("IDENTITY_URL", default="").rstrip("/")
IDENTITY_TIMEOUT_S = env.float("IDENTITY_TIMEOUT_S", default=1.0)
IDENTITY_CACHE_S = env.float("IDENTITY_CACHE_S", default=30.0)
MONOLITH_SESSION_COOKIE = env.str("MONOLITH_SESSION_COOKIE", default="sessionid")
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# --- Security ----------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The proxy in front ends TLS; only then may its X-Forwarded-Proto be believed.
BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 3600 if BEHIND_TLS else 0

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["products_service.identity.authentication.MonolithIdentity"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": "products_service.identity.visitors.Visitor",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "products_service.common.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# --- Presentation ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
