"""A site of one page, to see servers start and stop."""

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["*"]
DEBUG = False
ROOT_URLCONF = "tests.client.shopsite.urls"
WSGI_APPLICATION = "tests.client.shopsite.wsgi.application"
INSTALLED_APPS = ["tests.client.shopsite.apps.ShopConfig"]
MIDDLEWARE: list[str] = []
DATABASES: dict[str, dict[str, str]] = {}
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"strangler": {"handlers": ["console"], "level": "INFO"}},
}
