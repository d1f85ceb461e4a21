"""manage.py reference: write the generated pages of docs/reference/."""

from typing import Any

from django.core.management.base import BaseCommand

from config import reference


class Command(BaseCommand):
    help = "Write docs/reference/ from the code"

    def handle(self, *args: Any, **options: Any) -> None:
        reference.write()
