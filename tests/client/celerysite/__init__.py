"""Two Celery workers of one broker: the monolith's, and a service's that takes a task over."""
