"""The Celery application of every process."""

import logging
from typing import Any

from celery import Celery
from celery.signals import celeryd_after_setup, task_failure, worker_process_init

app = Celery("healthcare_id")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_after_setup.connect
def _warm_up_printing(sender: Any = None, instance: Any = None, **_: Any) -> None:
    """A worker of the printing queue loads WeasyPrint, fonts and stylesheet in each child before the first form."""
    if "pdf" in instance.app.amqp.queues.consume_from:
        from accessforms.printing import document

        worker_process_init.connect(lambda **_: document.warm_up(), weak=False)


@task_failure.connect
def _say_that_it_failed(sender: Any = None, exception: BaseException | None = None, **_: Any) -> None:
    """Celery's own line quotes the error's text, which can name people: it is off, this one stands for it."""
    logging.getLogger("config.celery").error(
        "task failed", extra={"task": getattr(sender, "name", "?"), "error": type(exception).__name__}
    )
