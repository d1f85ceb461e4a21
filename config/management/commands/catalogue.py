"""manage.py catalogue: bring locale/ up to date and say what is not translated yet."""

from typing import Any

from django.core.management.base import BaseCommand

from config import catalogue


class Command(BaseCommand):
    help = "Collect all texts into the Spanish catalogue, compile it, and list what has no translation"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        missing = catalogue.update()
        for text in missing:
            self.stdout.write(text)
        self.stdout.write(f"{len(missing)} texts without Spanish words in {catalogue.po_path()}")
