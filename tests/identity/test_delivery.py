"""Messages to anybody, and the life of a mail: handed over, deferred, delivered, bounced, opened (ground.md 2)."""

import smtplib
from datetime import timedelta
from itertools import permutations
from typing import ClassVar

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from identity.accounts import addresses, emails
from identity.codes import codes
from identity.governance import retention
from identity.models import Challenge, JournalEntry, OutboxMessage, SuppressedAddress
from identity.notices import access_codes, tickets
from identity.notices.messages import render_mail_to
from identity.policy import lifecycle
from identity.record import delivery, outbox
from identity.record.delivery import Delivery, Report
from identity.record.outbox import AnyMessage, Recipient
from portals.models import LegacyAccount
from tests.factories import NOW, AccountFactory, LegacyAccountFactory, SubmissionFactory
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db
State, Outcome = OutboxMessage.State, outbox.Outcome


class LetterMail(AnyMessage, title=_("Message")):
    """To the address of a row that belongs to no account."""

    language: ClassVar[str] = "es"
    legacy: int

    def recipient(self):
        row = LegacyAccount.objects.filter(pk=self.legacy).first()
        return Recipient(address=row.email, language=self.language, tenant=row.source) if row else None

    def render_for(self, recipient):
        told = {"number": translation.get_language(), "link": "https://id.example.org/"}
        return render_mail_to("identity/mail/ticket_opened", recipient=recipient, context=told)


def test_a_message_reaches_somebody_without_an_account(mailoutbox):
    """ground 2: a row of the sender's app holds address, language and brand; the outbox keeps its key only."""
    old = LegacyAccountFactory(source="trucase")
    transaction.atomic(outbox.enqueue)(LetterMail(legacy=old.pk), now=NOW)
    assert OutboxMessage.objects.get().ids == {"legacy": old.pk}
    assert outbox.drain(now=NOW) == Outcome.SENT
    (mail,) = mailoutbox
    assert mail.to == [old.email]
    assert "es" in mail.subject
    assert "Optum" in mail.from_email


def test_nothing_is_sent_once_the_row_is_gone(mailoutbox):
    old = LegacyAccountFactory()
    transaction.atomic(outbox.enqueue)(LetterMail(legacy=old.pk), now=NOW)
    old.delete()
    assert outbox.drain(now=NOW) == Outcome.SENT
    assert mailoutbox == []


# --- what the provider reports ------------------------------------------------------------------------------------------
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(submitted) -> OutboxMessage:
    """A mail that was handed over a moment ago."""
    assert outbox.drain(now=NOW) == Outcome.SENT
    return OutboxMessage.objects.get()


def told(row, what, *, at=NOW + MINUTE, is_address=True, **facts) -> bool:
    report = Report(provider_id=row.provider_id, delivery=what, at=at, is_address=is_address, **facts)
    return delivery.report(report, now=NOW + timedelta(days=1))


def now_of(row) -> OutboxMessage:
    row.refresh_from_db()
    return row


def test_a_row_knows_its_number_and_no_address(sent, submitted):
    """ground 2: provider_id; the address and the link stand in no row, only what finds them."""
    assert sent.delivery == Delivery.ACCEPTED
    assert sent.provider_id == mail.outbox[0].message()["Message-ID"]
    assert sent.address_key == delivery.address_key(submitted.account.email)
    row = OutboxMessage.objects.filter(pk=sent.pk).values().get()
    assert submitted.account.email not in str(row)


@pytest.mark.parametrize("order", list(permutations((Delivery.DEFERRED, Delivery.DELIVERED, Delivery.BOUNCED))))
def test_reports_in_any_order_end_alike(sent, order):
    """ground 2: each has a rank, only a higher one is written; a late bounce beats "delivered"; twice is once."""
    for what in order:
        told(sent, what)
        assert not told(sent, what)
    assert now_of(sent).delivery == Delivery.BOUNCED
    assert JournalEntry.objects.filter(kind="identity.MailBounced").count() == 1


def test_delivered_keeps_its_moment(sent):
    assert told(sent, Delivery.DELIVERED)
    assert told(sent, Delivery.COMPLAINED, at=NOW + 2 * MINUTE)
    row = now_of(sent)
    assert (row.delivered_at, row.reported_at, row.delivery) == (NOW + MINUTE, NOW + 2 * MINUTE, Delivery.COMPLAINED)


def test_a_moment_that_lies_ahead_is_now(sent):
    """L12: a provider's clock may be wrong; an address must not be stopped until its year comes."""
    told(sent, Delivery.BOUNCED, at=NOW + timedelta(days=400))
    assert SuppressedAddress.objects.get().since == NOW + timedelta(days=1)


def test_a_report_of_no_mail_of_ours_changes_nothing(sent):
    assert not delivery.report(Report(provider_id="", delivery=Delivery.BOUNCED, at=NOW, is_address=True), now=NOW)
    assert not delivery.report(
        Report(provider_id="unknown", delivery=Delivery.BOUNCED, at=NOW, is_address=True, address="a@example.org",
               mark="'; --"), now=NOW,
    )  # fmt: skip
    assert now_of(sent).delivery == Delivery.ACCEPTED
    assert not SuppressedAddress.objects.exists()


def test_a_report_may_be_there_before_we_know_the_number(submitted, monkeypatch):
    """A provider answers the web hook before our own row is marked: the report stands, and the mail is not sent twice."""
    real = mail.EmailMessage.send

    def quick(self):
        real(self)
        mark = self.metadata["outbox"]
        report = Report(
            provider_id="P1", delivery=Delivery.BOUNCED, at=NOW, is_address=True, mark=mark, address=self.to[0]
        )
        assert delivery.report(report, now=NOW)
        assert not delivery.report(report, now=NOW), "doubled"

    monkeypatch.setattr(mail.EmailMessage, "send", quick)
    assert outbox.drain(now=NOW) == Outcome.SENT
    row = OutboxMessage.objects.get()
    assert (row.state, row.delivery) == (State.SENT, Delivery.BOUNCED)
    assert delivery.stopped([submitted.account.email]) == {submitted.account.email: "bounced"}


def test_an_old_mark_means_no_later_sending(sent):
    """The same row, sent again, is another mail at the provider: reports of the first one are over."""
    told(sent, Delivery.BOUNCED)
    first, mark = sent.provider_id, f"{sent.pk}-1"
    assert outbox.give_again([now_of(sent)], now=NOW + MINUTE) == 1
    late = Report(provider_id="old", delivery=Delivery.BOUNCED, at=NOW + 2 * MINUTE, mark=mark, is_address=True)
    assert not delivery.report(late, now=NOW + 2 * MINUTE)
    assert now_of(sent).delivery == ""
    assert first


def test_what_the_mail_server_refuses_at_once_bounced_too(submitted, monkeypatch):
    """attack M10: a refused address is stopped, a refused text is not its address's fault."""
    answers = [
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no such mailbox")}), 1),
        (smtplib.SMTPDataError(554, b"spam"), 0),
    ]
    for answer, stopped in answers:
        OutboxMessage.objects.update(state=State.WAITING, due_at=NOW, attempts=0, delivery="", provider_id="")
        SuppressedAddress.objects.all().delete()
        with monkeypatch.context() as patch:
            patch.setattr(mail.EmailMessage, "send", lambda self, answer=answer: (_ for _ in ()).throw(answer))
            assert outbox.drain(now=NOW) == Outcome.FAILED
        row = OutboxMessage.objects.get()
        assert (row.state, row.delivery) == (State.GIVEN_UP, Delivery.BOUNCED)
        assert SuppressedAddress.objects.count() == stopped


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_stop_an_address_once(provider):
    """Six web-hook calls at the same moment: one is written."""
    SubmissionFactory(account=provider, submitted=True)
    outbox.drain(now=NOW)
    sent = OutboxMessage.objects.get()
    rows = together(lambda: told(sent, Delivery.BOUNCED), threads=6)
    assert sorted(rows) == [False] * 5 + [True]
    assert SuppressedAddress.objects.count() == 1


# --- addresses that are stopped -----------------------------------------------------------------------------------------
def again(account, now) -> OutboxMessage:
    """Another mail to the same person, handed to the relay."""
    SubmissionFactory(account=account, submitted=True)
    outbox.drain(now=now)
    return OutboxMessage.objects.latest("pk")


def test_after_a_bounce_nothing_leaves_until_somebody_asks(sent, submitted, mailoutbox):
    """ground 2: suppression is asked where mail leaves; one bounce does not last for ever (upspin#585)."""
    told(sent, Delivery.BOUNCED)
    mailoutbox.clear()
    held = again(submitted.account, NOW + 2 * MINUTE)
    assert (held.state, held.delivery, mailoutbox) == (State.GIVEN_UP, Delivery.SUPPRESSED, [])
    assert outbox.give_again_to(account=submitted.account, address=submitted.account.email, now=NOW + 3 * MINUTE)
    while outbox.drain(now=NOW + 3 * MINUTE) != Outcome.NONE:
        pass
    assert [one.to for one in mailoutbox] == [[submitted.account.email]] * 2
    assert now_of(held).delivery == Delivery.ACCEPTED


def test_a_bounce_of_one_silences_nobody_else(sent, submitted, mailoutbox):
    """useSend#337."""
    told(sent, Delivery.BOUNCED)
    mailoutbox.clear()
    other = again(AccountFactory(), NOW + 2 * MINUTE)
    assert (other.delivery, len(mailoutbox)) == (Delivery.ACCEPTED, 1)


def test_one_mail_that_was_refused_does_not_stop_its_address(sent, submitted):
    """A full mailbox or a filter: the mail bounced, the next one is tried."""
    told(sent, Delivery.BOUNCED, is_address=False)
    assert now_of(sent).delivery == Delivery.BOUNCED
    assert delivery.stopped([submitted.account.email]) == {}


def test_a_press_lifts_a_bounce_once_an_hour(sent, submitted):
    """ground 2: at most once an hour, at its second."""
    key, hour = sent.address_key, lifecycle.after("bounce_lift")
    told(sent, Delivery.BOUNCED)
    assert delivery.lift(key, now=NOW + 2 * MINUTE)
    delivery._stop(key, "bounced", at=NOW + 3 * MINUTE)
    assert not delivery.lift(key, now=NOW + 2 * MINUTE + hour - timedelta(seconds=1))
    assert not outbox.give_again_to(account=submitted.account, address=submitted.account.email, now=NOW + 4 * MINUTE)
    assert delivery.lift(key, now=NOW + 2 * MINUTE + hour)


def test_an_old_report_does_not_stop_what_was_lifted_since(sent):
    told(sent, Delivery.BOUNCED)
    delivery.lift(sent.address_key, now=NOW + 10 * MINUTE)
    delivery._stop(sent.address_key, "bounced", at=NOW + 9 * MINUTE)
    delivery.check_may_leave(sent.address_key, is_security=False)


def test_a_complaint_stops_all_but_security_mails(sent, submitted, mailoutbox):
    """ground 2: whoever marks a mail as spam still gets the code they ask for; no press lifts it, a proof does."""
    account = submitted.account
    told(sent, Delivery.COMPLAINED)
    mailoutbox.clear()
    assert again(account, NOW + 2 * MINUTE).delivery == Delivery.SUPPRESSED
    assert not outbox.give_again_to(account=account, address=account.email, now=NOW + timedelta(days=3))
    with time_machine.travel(NOW + 3 * MINUTE, tick=False):
        access_codes.send(account=account, tenant="", now=timezone.now())
        assert outbox.drain(now=timezone.now()) == Outcome.SENT
    assert len(mailoutbox) == 1
    delivery._stop(sent.address_key, "bounced", at=NOW + 4 * MINUTE)
    assert delivery.stopped_because(sent.address_key) == "complained", (
        "a bounce that a press could lift does not hide it"
    )


def test_an_address_that_is_proved_anew_gets_mail_again(sent, submitted):
    """ground 2: a fixed address verifies again; it was proved before, so that nobody is warned of a new one."""
    account = submitted.account
    row = addresses.for_account(account)[0]
    told(sent, Delivery.COMPLAINED)
    assert not addresses.counts(row)
    challenge = addresses.send_mail(row=row, tenant="", now=NOW + 2 * MINUTE)
    before = set(JournalEntry.objects.values_list("pk", flat=True))
    addresses.verify_by_link(challenge=challenge, now=NOW + 3 * MINUTE)
    assert addresses.counts(row)
    assert [one.kind for one in JournalEntry.objects.exclude(pk__in=before)] == ["identity.EmailVerified"]
    with pytest.raises(codes.CodeEnded):
        addresses.verify_by_link(challenge=Challenge.objects.get(pk=challenge.pk), now=NOW + 3 * MINUTE)


def test_the_first_proof_of_an_address_lifts_too(db):
    account = AccountFactory(address=False)
    challenge = emails.send_activation(account=account, tenant="", now=NOW)
    SuppressedAddress.objects.create(address_key=delivery.address_key(account.email), cause="bounced", since=NOW)
    emails.verify_by_link(challenge=challenge, here=True, now=NOW + MINUTE)
    assert delivery.stopped([account.email]) == {}


def test_whoever_asks_for_a_code_tries_a_mailbox_that_bounced(provider):
    """Nobody is kept out for a mailbox that was full once: the code they ask for goes, once an hour."""
    SuppressedAddress.objects.create(address_key=delivery.address_key(provider.email), cause="bounced", since=NOW)
    access_codes.send(account=provider, tenant="", now=NOW + MINUTE)
    with time_machine.travel(NOW + MINUTE, tick=False):
        assert outbox.drain(now=NOW + MINUTE) == Outcome.SENT


def test_the_same_address_in_other_case_is_the_same(provider):
    assert delivery.address_key(f" {provider.email.upper()} ") == delivery.address_key(provider.email)


def test_what_was_held_back_is_forgotten_like_what_was_sent(sent, submitted):
    """After a month; a failure waits for a person, a stopped address does not."""
    told(sent, Delivery.BOUNCED)
    again(submitted.account, NOW)
    retention.prune(now=NOW + lifecycle.after("outbox"))
    assert not OutboxMessage.objects.filter(delivery=Delivery.SUPPRESSED).exists()


# --- links --------------------------------------------------------------------------------------------------------------
def test_the_first_get_of_a_link_is_kept_and_uses_nothing_up(provider, inbox, client):
    """ground 2: first opening; a HEAD is none, a second one moves nothing, and the link still works."""
    row = addresses.add(account=provider, address="new@example.org", tenant="", now=timezone.now())
    link = inbox.newest("mail").link
    message = OutboxMessage.objects.latest("pk")
    client.head(link)
    assert now_of(message).first_opened_at is None
    client.get(link)
    first = now_of(message).first_opened_at
    assert first is not None
    client.get(link)
    assert now_of(message).first_opened_at == first
    signed_in(provider).post(link)
    row.refresh_from_db()
    assert row.verified


# --- the demo -----------------------------------------------------------------------------------------------------------
def test_in_the_demo_bounce_at_anything_bounces(settings, tmp_path):
    """ground 2: by the function that the web hook calls, before the row is marked."""
    settings.MAILERS = {"default": {"BACKEND": "config.demo.mailbox.Mailbox"}}
    settings.MAIL_PREVIEW_ROOT = tmp_path
    for address in ("bounce@example.org", "maria@example.org"):
        ticket_of(AccountFactory(email=address))
    while outbox.drain(now=NOW) != Outcome.NONE:
        pass
    assert list(OutboxMessage.objects.order_by("pk").values_list("delivery", flat=True)) == ["bounced", "delivered"]
    assert delivery.stopped(["bounce@example.org", "maria@example.org"]) == {"bounce@example.org": "bounced"}


def ticket_of(account):
    return tickets.open(account=account, topic="other", text="x", by=account, now=NOW)
