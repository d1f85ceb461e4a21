"""Assembly: settings, addresses, jobs, the admin site. Imports the Celery app so that `.delay()` finds its broker."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
