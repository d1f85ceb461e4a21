"""The Celery application of every process."""

import logging
from typing import Any

from celery import Celery
from celery.signals import task_failure

app = Celery("healthcare_id")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_failure.connect
def _say_that_it_failed(sender: Any = None, exception: BaseException | None = None, **_: Any) -> None:
    """Celery's own line quotes the error's text, which can name people: it is off, this one stands for it."""
    logging.getLogger("config.celery").error(
        "task failed", extra={"task": getattr(sender, "name", "?"), "error": type(exception).__name__}
    )
