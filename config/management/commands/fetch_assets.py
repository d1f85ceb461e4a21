"""manage.py fetch_assets: the design system's stylesheets and fonts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import assets


class Command(BaseCommand):
    help = "Fetch the pinned design system into config/static/vendor (nothing happens when it is there)"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if assets.is_present():
            (assets.FOLDER / "version").touch()  # set-up compares its date with config/assets.py
            return
        try:
            assets.fetch()
        except assets.AssetsMissing as problem:
            raise CommandError(str(problem)) from problem
        self.stderr.write(f"Fetched {assets.PACKAGE} {assets.VERSION}")
