"""Messages reach people: with the change or not at all, at least once, retried, given up in sight of the desk."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction

from accessforms.messages import RequestSubmittedMail
from identity.governance import retention
from identity.models import Challenge, JournalEntry, OutboxMessage
from identity.notices import access_codes
from identity.notices.messages import PasswordReminder
from identity.record import journal, outbox
from identity.record.events import AccountCreated
from tests.factories import NOW, SubmissionFactory
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db
State, Outcome = OutboxMessage.State, outbox.Outcome


@pytest.fixture
def waiting(submitted) -> OutboxMessage:
    return OutboxMessage.objects.get()


def test_a_row_holds_kinds_and_ids_only(waiting, submitted):
    """house, outbox: no text, no link, no code, no address."""
    assert waiting.kind == "accessforms.RequestSubmittedMail"
    assert waiting.ids == {"account_id": submitted.account_id, "reference": submitted.reference, "version": 1}


def test_the_same_message_twice_is_one(waiting, submitted):
    transaction.atomic(outbox.enqueue)(
        RequestSubmittedMail(account_id=submitted.account_id, reference=submitted.reference, version=1), now=NOW
    )
    assert OutboxMessage.objects.count() == 1


def test_a_message_of_a_change_that_failed_does_not_exist(provider):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.enqueue(RequestSubmittedMail(account_id=provider.pk, reference="X", version=1), now=NOW)
        raise ZeroDivisionError
    assert not OutboxMessage.objects.exists()


def test_delivery_marks_the_row(waiting, mailoutbox):
    assert outbox.drain(now=NOW) == Outcome.SENT
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.done_at) == (State.SENT, 1, NOW)
    assert len(mailoutbox) == 1
    assert outbox.drain(now=NOW) == Outcome.NONE


def test_a_failing_delivery_is_retried_with_growing_pauses_then_given_up_then_sent_again(
    waiting, monkeypatch, mailoutbox
):
    """house, outbox: growing pauses; given-up rows wait for a person; the error's text is not kept."""
    monkeypatch.setattr(
        "identity.record.gateways.deliver", lambda *a: (_ for _ in ()).throw(OSError("maria@example.org"))
    )
    moment, moments = NOW, []
    for _ in range(len(outbox.PAUSES) + 1):
        assert outbox.drain(now=moment) == Outcome.FAILED
        waiting.refresh_from_db()
        moments.append(waiting.due_at - moment)
        moment = waiting.due_at
    assert moments[:-1] == outbox.PAUSES == sorted(outbox.PAUSES)
    assert (waiting.state, waiting.problem) == (State.GIVEN_UP, "OSError")
    monkeypatch.undo()
    assert outbox.drain(now=moment + timedelta(days=9)) == Outcome.NONE
    assert outbox.give_again([waiting], now=moment) == 1
    assert outbox.drain(now=moment) == Outcome.SENT
    assert len(mailoutbox) == 1


def test_a_row_that_a_relay_holds_is_left_alone_until_its_lease_ends(waiting):
    """house, outbox: claimed with a lease; a killed relay loses nothing."""
    assert outbox.QUEUE.claim(now=NOW) == waiting
    assert outbox.QUEUE.claim(now=NOW + outbox.LEASE - timedelta(seconds=1)) is None
    assert outbox.QUEUE.claim(now=NOW + outbox.LEASE) == waiting


def test_a_row_that_every_relay_died_with_is_given_up_in_sight_of_the_desk(waiting, provider):
    """rooms, LeasedQueue: as many claims without an answer as there are tries; the next claim takes what else is due."""
    for number in range(len(outbox.PAUSES) + 1):
        assert outbox.QUEUE.claim(now=NOW + number * outbox.LEASE) == waiting
    later = NOW + timedelta(days=1)
    transaction.atomic(outbox.enqueue)(
        RequestSubmittedMail(account_id=provider.pk, reference="X", version=1), now=later
    )
    assert outbox.QUEUE.claim(now=later) == OutboxMessage.objects.exclude(pk=waiting.pk).get()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (State.GIVEN_UP, "worker lost")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"maria@example.org": (550, b"no such mailbox")}), State.GIVEN_UP),
        (smtplib.SMTPRecipientsRefused({"maria@example.org": (451, b"later")}), State.WAITING),
        (smtplib.SMTPDataError(554, b"no"), State.GIVEN_UP),
        (smtplib.SMTPDataError(452, b"full"), State.WAITING),
        (smtplib.SMTPServerDisconnected("gone"), State.WAITING),
        (smtplib.SMTPAuthenticationError(535, b"our own password is wrong"), State.WAITING),
    ],
)
def test_what_is_refused_for_ever_is_given_up_at_once(waiting, monkeypatch, answer, state):
    """attack M10: 5xx of a message is for ever, 4xx for now; what operators can mend is tried again."""
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self: (_ for _ in ()).throw(answer))
    assert outbox.drain(now=NOW) == Outcome.FAILED
    waiting.refresh_from_db()
    assert waiting.state == state


def test_a_message_bears_one_name_however_often_it_is_handed_over(waiting, monkeypatch, mailoutbox):
    """attack M10: a server that takes a mail and hangs up gets it again; mailboxes show one."""
    real = mail.EmailMessage.send

    def hangs_up(self):
        real(self)
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(mail.EmailMessage, "send", hangs_up)
    outbox.drain(now=NOW)
    SubmissionFactory(submitted=True)
    monkeypatch.undo()
    for _ in range(2):
        assert outbox.drain(now=NOW + timedelta(days=1)) == Outcome.SENT
    names = [message.message()["Message-ID"] for message in mailoutbox]
    assert names[0] in names[1:]
    assert len(set(names)) == 2
    assert all(name.endswith("@testserver>") for name in names)


def test_a_code_never_waits_behind_the_mails_of_a_job(provider):
    """speed: a sweep writes a million mails; whoever signs in meanwhile still gets a code at once."""
    with transaction.atomic():
        for stage in range(3):
            reminder = PasswordReminder(account_id=provider.pk, stage=stage, since="2026-01-01")
            outbox.enqueue(reminder, now=NOW - timedelta(hours=1))
    access_codes.send(account=provider, tenant="", now=NOW)
    assert outbox.QUEUE.claim(now=NOW).kind == "identity.AccessCodeMail"


def test_a_dead_broker_never_fails_a_request(provider, settings, django_capture_on_commit_callbacks, monkeypatch):
    """house, outbox: the nudge is robust; the sweep finds the row."""
    from identity import tasks

    monkeypatch.setattr(tasks.drain_outbox, "apply_async", lambda **_: (_ for _ in ()).throw(OSError("no broker")))
    browser = signed_in(provider)
    submission = SubmissionFactory(account=provider)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(f"/requests/{submission.reference}/check/", {"version": 0})
    assert answer.status_code == 302
    assert OutboxMessage.objects.get().state == State.WAITING


def test_the_nudge_delivers_after_the_commit(provider, django_capture_on_commit_callbacks, mailoutbox, monkeypatch):
    """house, one write: the relay runs at the commit, not before, and not at the next minute only."""
    from identity import tasks

    monkeypatch.setattr(tasks.drain_outbox, "apply_async", lambda **_: tasks.drain_outbox.apply(throw=True))
    with time_machine.travel(NOW), django_capture_on_commit_callbacks(execute=True):
        SubmissionFactory(account=provider, submitted=True)
        assert mailoutbox == []
    assert OutboxMessage.objects.get().state == State.SENT
    assert len(mailoutbox) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_two_relays_never_take_the_same_row(provider, monkeypatch):
    """house: SKIP LOCKED is how PostgreSQL claims."""
    monkeypatch.setattr(outbox.QUEUE, "nudge", lambda: None)
    for number in range(40):
        transaction.atomic(outbox.enqueue)(
            RequestSubmittedMail(account_id=provider.pk, reference="X", version=number), now=NOW
        )

    def take():
        rows = []
        while claimed := outbox.QUEUE.claim(now=NOW):
            rows.append(claimed)
        return [row.pk for row in rows]

    taken = [pk for rows in together(take, threads=4) for pk in rows]
    assert len(taken) == len(set(taken)) == 40


def test_the_journal_and_the_outbox_need_the_transaction_of_their_change(provider):
    """code F1: the transaction that this very test runs in does not count, or no test could see a missing one."""
    assert connection.in_atomic_block
    with pytest.raises(transaction.TransactionManagementError):
        journal.record(AccountCreated(account=provider), now=NOW)
    with pytest.raises(transaction.TransactionManagementError):
        outbox.enqueue(RequestSubmittedMail(account_id=provider.pk, reference="X", version=1), now=NOW)


def test_nor_does_a_missing_one_pass_without_any(provider, transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        journal.record(AccountCreated(account=provider), now=NOW)


def test_a_handler_runs_in_the_transaction_of_the_event(provider, monkeypatch):
    """house, one write: another app reacts at once, or the change is undone."""
    heard = []
    monkeypatch.setitem(journal._handlers, AccountCreated, [lambda event, now: heard.append((event.account, now))])
    transaction.atomic(journal.record)(AccountCreated(account=provider), now=NOW)
    assert heard == [(provider, NOW)]
    monkeypatch.setitem(journal._handlers, AccountCreated, [lambda event, now: 1 / 0])
    before = JournalEntry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        journal.record(AccountCreated(account=provider), now=NOW)
    assert JournalEntry.objects.count() == before


def test_histories_name_events_in_the_readers_language(submitted):
    from django.utils import translation

    entry = journal.history(of=submitted).get()
    assert journal.title_of(entry) == "Request submitted"
    with translation.override("es"):
        assert journal.title_of(entry) == "Solicitud enviada"
    assert journal.history(of=submitted.account).first() == entry


def test_pruning_keeps_what_is_young_and_what_waits(submitted, provider):
    """policy, journal: six calendar years; outbox: a month; codes: a month."""
    outbox.drain(now=NOW)
    SubmissionFactory(submitted=True)
    Challenge.objects.create(
        account=provider, purpose="email", target_key="x", channel="mail", sent_at=NOW, expires_at=NOW
    )
    for name, models in (("outbox", (Challenge, OutboxMessage)), ("journal", (JournalEntry,))):
        before = [model.objects.count() for model in models]
        over = first_moment_after(name)
        retention.prune(now=over - timedelta(seconds=1))
        assert [model.objects.count() for model in models] == before
        retention.prune(now=over)
        assert all(model.objects.count() < count for model, count in zip(models, before, strict=True)), name
    assert OutboxMessage.objects.get().state == State.WAITING


def first_moment_after(name):
    """When what was written NOW has outlived its period: the journal at the beginning of a month."""
    from identity.policy import lifecycle

    years = lifecycle.PERIODS[name].years
    if not years:
        return NOW + lifecycle.after(name)
    month = (NOW.replace(day=28) + timedelta(days=4)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return month.replace(year=month.year + years)
