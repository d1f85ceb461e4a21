"""A chosen file cannot be kept over a sign-in: the warning says so while there is time (S3-17)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from identity.policy import lifecycle
from tests.factories import AccountFactory
from tests.steps import files
from tests.steps.browser import arrive

SAYS = "A file that you have chosen on this page is not added yet"


@pytest.mark.parametrize("chosen", [True, False])
def test_the_warning_names_a_chosen_file_and_no_other(visit, chosen):
    her = visit(width=320)
    arrive(her, AccountFactory(), verified=False)
    her.context.clock.install()
    her.go("/id/files/message/")
    her.look("Files for a message")
    if chosen:
        scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
        her.page.set_input_files("#id_file", scan)
    with time_machine.travel(timezone.now(), tick=True) as server:
        past = lifecycle.after("session_idle") - lifecycle.after("idle_warning") + timedelta(seconds=5)
        server.shift(past)
        minutes, seconds = divmod(int(past.total_seconds()), 60)
        her.context.clock.fast_forward(f"{minutes:02}:{seconds:02}")
        her.page.locator("dialog.timeout").wait_for(state="visible")
        her.look("Are you still there?")
        assert her.page.get_by_text(SAYS).is_visible() is chosen
        her.picture(f"idle-file-{chosen}")
