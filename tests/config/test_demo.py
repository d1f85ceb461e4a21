"""What a newcomer finds in the demo: a request in every state, a ticket, a reset under way, a list to import."""

import pytest
from django.utils import timezone

from accessforms.models import Submission
from config.demo import old_accounts, people, place
from identity.models import Account, FactorReset, Ticket
from portals.legacy import legacy_imports
from portals.models import LegacyAccount, LegacyImport

pytestmark = pytest.mark.django_db


def test_the_demo_shows_a_request_in_every_state_a_ticket_and_a_reset():
    """Walk, section 5, an engineer's ninth: whoever looks need not first play through all stories."""
    people.seed()
    assert set(Submission.objects.values_list("state", flat=True)) == set(Submission.State.values)
    assert Ticket.objects.filter(status=Ticket.Status.OPEN).count() == 1
    assert Ticket.objects.unread_by(Account.objects.get(login_name="kim")).count() == 1
    assert FactorReset.objects.filter(state=FactorReset.State.STARTED).count() == 1


def test_the_printed_people_are_the_accounts_that_there_are():
    people.seed()
    people.seed()  # a second start makes nobody anew
    assert set(Account.objects.values_list("login_name", flat=True)) == {one.login_name for one in people.PEOPLE}


def test_the_list_to_import_is_taken_whole_and_removed_by_a_fresh_start():
    """Walk, section 5, an operator's tenth. Its people are none of those that are there already."""
    people.seed()
    content, now = old_accounts.sample_list(), timezone.now()
    found = legacy_imports.begin(
        source_key="trucase", file_name=old_accounts.SAMPLE_LIST, digest="d", size=len(content), now=now
    )
    for _rows in legacy_imports.go_on(found=found, blocks=[content], clock=lambda: now):
        pass
    names = [name for name, *_rest in old_accounts.TO_IMPORT]
    assert LegacyAccount.objects.filter(source="trucase", login_name__in=names).count() == len(names)
    assert old_accounts.SAMPLE_LIST in place.MADE_HERE
    assert LegacyImport.objects.filter(pk=found.pk).exists()
