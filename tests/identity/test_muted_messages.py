"""Which messages a person gets: optional kinds may be turned off, what keeps an ID safe may not (decision 0057)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from enrollment.messages import InvitationMail
from identity.governance import closing
from identity.models import Account, JournalEntry, MutedMessage, OutboxMessage
from identity.notices import tickets
from identity.notices.messages import PasswordReminder, TicketClosedMail
from identity.record import muted_messages, outbox
from tests.factories import NOW, AccountFactory
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db
PAGE = "/id/profile/preferences/"
ANSWERED = TicketClosedMail.stored_as


def turn_off(account: Account, *kinds: str) -> None:
    wanted = {kind.stored_as for kind in muted_messages.optional()} - set(kinds)
    muted_messages.choose(account=account, wanted=wanted, now=NOW)


def answered(account: Account, agent: Account, *, now=NOW):
    ticket = tickets.open(account=account, topic="other", text="Help", by=account, now=now)
    seen = ticket.messages.get().pk
    ticket = tickets.take(ticket=ticket, by=agent, now=now)
    return tickets.close(ticket=ticket, by=agent, answer="So it is.", seen=seen, now=now)


def delivered(*, now=NOW) -> dict[str, str]:
    while outbox.drain(now=now + timedelta(seconds=1)) != outbox.Outcome.NONE:
        pass
    return dict(OutboxMessage.objects.values_list("kind", "delivery"))


def test_what_is_turned_off_is_not_sent_and_the_desk_sees_why(provider, agent, mailoutbox):
    """Decision 0057: asked where a message leaves, whoever wrote its row."""
    turn_off(provider, ANSWERED)
    answered(provider, agent)
    became = delivered()
    assert became[ANSWERED] == OutboxMessage.Delivery.MUTED
    assert became["identity.TicketOpenedMail"] == OutboxMessage.Delivery.ACCEPTED
    assert len(mailoutbox) == 1


def test_it_is_asked_when_the_message_leaves_not_when_it_was_written(provider, agent, mailoutbox):
    answered(provider, agent)
    turn_off(provider, ANSWERED)
    assert delivered()[ANSWERED] == OutboxMessage.Delivery.MUTED


def test_it_holds_for_one_person_and_until_it_is_turned_on_again(provider, stranger, agent):
    turn_off(provider, ANSWERED)
    answered(stranger, agent)
    assert delivered()[ANSWERED] == OutboxMessage.Delivery.ACCEPTED
    turn_off(provider)
    answered(provider, agent, now=NOW + timedelta(minutes=1))
    delivered(now=NOW + timedelta(minutes=1))
    held = OutboxMessage.objects.filter(delivery=OutboxMessage.Delivery.MUTED)
    assert not held.exists()


def test_a_warning_is_sent_whatever_a_row_says(provider, operator, mailoutbox):
    """Decision 0057: security never. A row that names such a kind, however it came to be, holds nothing back."""
    MutedMessage.objects.create(account=provider, kind="identity.AccountClosedMail", created_at=NOW)
    closing.close(account=provider, by=operator, reason="asked for", now=NOW)
    assert delivered()["identity.AccountClosedMail"] == OutboxMessage.Delivery.ACCEPTED


def test_no_kind_is_both_a_warning_and_optional():
    with pytest.raises(outbox.NotOptional):

        class _Both(outbox.Message, abstract=True, is_security=True, optional=True): ...


def test_each_optional_kind_goes_to_an_account():
    """What goes to the address of a stranger can be turned off by nobody."""
    assert all("account_id" in kind.__dataclass_fields__ for kind in muted_messages.optional())
    assert not InvitationMail.optional
    assert PasswordReminder.optional


@pytest.mark.parametrize("kind", ["identity.AccessCodeMail", "identity.AlertMail", "rbac.ReviewMail", "x" * 70])
def test_what_is_not_optional_cannot_be_chosen(provider, kind):
    with pytest.raises(muted_messages.NoSuchKind):
        muted_messages.choose(account=provider, wanted=[kind], now=NOW)
    assert not MutedMessage.objects.exists()


def test_saving_twice_is_one_change(provider):
    turn_off(provider, ANSWERED)
    turn_off(provider, ANSWERED)
    entry = JournalEntry.objects.get(kind="identity.MessagesChosen")
    assert entry.facts == {"turned_off": ANSWERED}
    assert list(MutedMessage.objects.values_list("kind", flat=True)) == [ANSWERED]


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_save_at_once_leave_one_choice():
    """Committed: the second finds the row of the first."""
    account = AccountFactory()
    together(lambda: turn_off(account, ANSWERED), threads=2)
    assert list(MutedMessage.objects.values_list("kind", flat=True)) == [ANSWERED]


class TestPage:
    @pytest.fixture
    def browser(self, provider) -> Client:
        return signed_in(provider)

    def test_it_lists_the_optional_kinds_by_their_titles_all_on(self, browser):
        page = browser.get(PAGE).content.decode()
        assert "Which messages you get" in page
        for kind in muted_messages.optional():
            assert str(kind.title) in page
        assert page.count('name="wanted"') == page.count(" checked") - 2 == len(muted_messages.optional())

    def test_what_is_left_out_is_off_and_the_page_says_so(self, browser, provider):
        wanted = [kind.stored_as for kind in muted_messages.optional() if kind.stored_as != ANSWERED]
        page = browser.post(PAGE + "messages/", {"wanted": wanted}, follow=True).content.decode()
        assert "Saved. You no longer get: Ticket: answered." in page
        assert muted_messages.wanted(provider) == wanted

    def test_everything_off_and_on_again(self, browser, provider):
        browser.post(PAGE + "messages/", {})
        assert muted_messages.wanted(provider) == []
        all_of_them = [kind.stored_as for kind in muted_messages.optional()]
        page = browser.post(PAGE + "messages/", {"wanted": all_of_them}, follow=True).content.decode()
        assert "Saved. You get all of these messages." in page
        assert not MutedMessage.objects.exists()

    def test_an_unknown_kind_is_an_error_at_the_field(self, browser, provider):
        page = browser.post(PAGE + "messages/", {"wanted": ["identity.AlertMail"]}).content.decode()
        assert "There is a problem" in page
        assert 'id="id_wanted_error"' in page
        assert not MutedMessage.objects.exists()

    def test_saving_the_language_leaves_the_messages_alone(self, browser, provider):
        turn_off(provider, ANSWERED)
        browser.post(PAGE, {"language": "en", "theme": "dark"})
        assert ANSWERED not in muted_messages.wanted(provider)


def test_a_reminder_of_a_job_is_asked_too(provider, mailoutbox):
    """S3-18: also what a job writes for many; the banner on the pages stays."""
    turn_off(provider, PasswordReminder.stored_as)
    message = PasswordReminder(account_id=provider.pk, stage=1, since=provider.password_changed_at.date().isoformat())
    transaction.atomic(outbox.enqueue)(message, now=timezone.now())
    assert delivered(now=timezone.now())[PasswordReminder.stored_as] == OutboxMessage.Delivery.MUTED
    assert mailoutbox == []
