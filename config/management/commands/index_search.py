"""`manage.py index_search`: makes anew what the service desk finds people and requests by."""

from typing import Any

from django.core.management.base import BaseCommand

from accessforms.domain import search as requests
from identity.record import search


class Command(BaseCommand):
    help = "Make the search of the service desk anew: after an upgrade that brings it, and after a new INDEX_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        people, forms = sum(search.refresh_all()), sum(requests.refresh_all())
        self.stdout.write(f"{people} accounts and {forms} requests can be found.")
