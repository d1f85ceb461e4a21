"""manage.py wrap_legacy_hashes: wrap every imported hash now, with a whole core, instead of in the background."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from portals.legacy import wrapping


class Command(BaseCommand):
    help = "Wrap imported password hashes in Argon2id; may be stopped, and run several times at once"

    def handle(self, *args: Any, **options: Any) -> None:
        began, done = time.monotonic(), 0
        for _wrapped in wrapping.wrap():
            done += 1
            if done % 1000 == 0:
                rate = done / (time.monotonic() - began)
                self.stdout.write(f"{done} wrapped, {wrapping.left()} left, {rate:.0f} a second")
        self.stdout.write(f"{done} wrapped, {wrapping.left()} left.")
