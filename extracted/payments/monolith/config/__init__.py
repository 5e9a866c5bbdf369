"""Settings, root URLs, WSGI and ASGI entry points, and the Celery app of the shop.

The Celery app is imported here so that `shared_task` binds to it wherever settings are loaded.
"""

from monolith.config.celery import app as celery_app

__all__ = ["celery_app"]
