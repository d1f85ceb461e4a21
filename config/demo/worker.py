"""The demo's worker: it believes the clock as it starts, so that jobs run after days in which the demo was off.

Elsewhere two people look at a clock that jumped first (docs/operations.md): nobody starts config.demo there.
"""

from typing import Any

from celery.signals import worker_init
from django.utils import timezone

from config.celery import app  # noqa: F401  what `celery -A` looks for


@worker_init.connect
def _believe_the_clock(**_: Any) -> None:
    from identity.jobs import clock

    clock.believe(now=timezone.now())
