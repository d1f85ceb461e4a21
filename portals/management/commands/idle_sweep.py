"""manage.py idle_sweep: what the sweep over idle access would do now (--dry-run), or the sweep itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portals import registry
from rbac.domain import idleness, sweeps
from rbac.models import SweepRun


class Command(BaseCommand):
    help = "Warn of, and switch off, access that was not used for as long as its portal says"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen now")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now, periods = timezone.now(), registry.idle_periods()
        if dry_run:
            for (portal_key, days), count in idleness.count_due(periods=periods, as_of=now).items():
                what = f"warned, {days} days before" if days else "switched off"
                self.stdout.write(f"{portal_key}: {count} {what}")
            self._say(sweeps.plan(periods=periods, now=now), begins="would begin")
            return
        run = sweeps.start(periods=periods, now=now)
        if run is None:
            self.stdout.write("Another run is under way, or waits for its second release: nothing was begun.")
        else:
            self._say(run, begins="has begun")
        for _changed in sweeps.go_on(clock=timezone.now):
            pass
        if run is not None:
            run.refresh_from_db()
            self.stdout.write(f"Warned {run.warned}, switched off {run.suspended}: {run.get_state_display()}.")

    def _say(self, run: SweepRun, *, begins: str) -> None:
        self.stdout.write(
            f"Due: {run.to_warn} warnings, {run.to_suspend} to switch off, of {run.active} active. "
            f"A run may touch {run.allowed} by itself: this one "
            + (begins if run.state == SweepRun.State.RUNNING else "waits for two people to release it")
            + "."
        )
