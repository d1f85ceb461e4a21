"""The Celery application of every process."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

app = Celery("healthcare_id")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
