"""The pages of a mail's life: at the desk, and for the person whose mailbox bounces (ground.md, leap 1)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from identity.accounts import addresses
from identity.models import JournalEntry, OutboxMessage, SuppressedAddress
from identity.record import delivery, outbox
from identity.record.delivery import Delivery, Report
from rbac.models import Practice
from tests.factories import NOW, AccountFactory
from tests.steps.invitations import user_invited
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(submitted) -> OutboxMessage:
    """A mail that was handed over a moment ago."""
    outbox.drain(now=NOW)
    return OutboxMessage.objects.get()


def told(row, what) -> None:
    report = Report(provider_id=row.provider_id, delivery=what, at=NOW + MINUTE, is_address=True)
    assert delivery.report(report, now=NOW + MINUTE)


def now_of(row) -> OutboxMessage:
    row.refresh_from_db()
    return row


@pytest.fixture
def desk(operator):
    return signed_in(operator, verified=True)


def test_the_desk_sees_the_life_of_a_mail_and_sends_it_again(sent, submitted, desk):
    """leap 1: the way out stands beside what happened."""
    told(sent, Delivery.DEFERRED)
    told(sent, Delivery.BOUNCED)
    delivery.opened("/nothing/", now=NOW)
    path = f"/admin/identity/outboxmessage/{sent.pk}/change/"
    page = desk.get(path).content.decode()
    for said in ("Handed over", "Bounced", "Mail to this address bounces", "Send again"):
        assert said in page, said
    assert submitted.account.email not in page
    answer = desk.post(f"/admin/identity/outboxmessage/{sent.pk}/send-again/", follow=True)
    assert "The message is sent again." in answer.content.decode()
    assert (now_of(sent).state, sent.delivery) == (State.WAITING, "")
    told_of = JournalEntry.objects.get(kind="identity.MessageGivenAgain")
    assert (told_of.by.login_name, told_of.object_id) == ("the.operator", str(sent.pk))


def test_the_desk_reads_what_a_message_is_and_to_whom_in_words(sent, submitted, desk, agent):
    """C29, D-28: no class names; a person by name and ID, an address without an account masked."""
    account, listed = submitted.account, "/admin/identity/outboxmessage/"
    page = unescape(desk.get(listed).content.decode())
    person = f"{account.get_full_name()} ({account.login_name})"
    for said in ("Access form: sent in", person, "?kind=accessforms.RequestSubmittedMail"):
        assert said in page, said
    assert ">accessforms.RequestSubmittedMail<" not in page
    shown = unescape(desk.get(f"{listed}{sent.pk}/change/").content.decode())
    assert "Access form: sent in" in shown
    assert person in shown
    assert "accessforms.RequestSubmittedMail" not in shown
    practice = Practice.objects.create(name="Lakeside Clinic")
    user_invited("nora@example.org", practice=practice, now=timezone.now())
    invitation = OutboxMessage.objects.get(kind="enrollment.InvitationMail")
    assert "an address without an account" in desk.get(listed).content.decode()
    shown = desk.get(f"{listed}{invitation.pk}/change/").content.decode()
    assert "********@example.org" in shown
    assert "nora@" not in shown
    OutboxMessage.objects.filter(pk=invitation.pk).update(kind="enrollment.Gone")
    assert "enrollment.Gone" in desk.get(f"{listed}{invitation.pk}/change/").content.decode()
    seen = signed_in(agent, verified=True).get(listed)
    assert seen.status_code == 403 or person in unescape(seen.content.decode())


def test_the_list_of_messages_costs_the_same_however_long_it_is(sent, desk, django_assert_max_num_queries):
    rows = [
        OutboxMessage(kind="identity.TicketOpenedMail", ids={"account_id": AccountFactory().pk, "number": "x", "message": 1},
                      dedupe_key=f"k{n}", created_at=NOW, due_at=NOW)
        for n in range(20)
    ]  # fmt: skip
    OutboxMessage.objects.bulk_create(rows)
    desk.get("/admin/identity/outboxmessage/")
    with django_assert_max_num_queries(8):
        assert desk.get("/admin/identity/outboxmessage/").status_code == 200


def test_the_page_of_an_account_speaks_words(desk):
    account = AccountFactory(realm="provider-online", language="es")
    page = re.sub(r"\s+", " ", desk.get(f"/admin/identity/account/{account.pk}/change/").content.decode())
    assert "Provider OnLine" in page
    assert "Español" in page
    assert ">provider-online<" not in page
    assert ">es<" not in page


def test_the_desk_is_told_why_a_mail_is_not_sent_again(sent, desk):
    told(sent, Delivery.COMPLAINED)
    again = f"/admin/identity/outboxmessage/{sent.pk}/send-again/"
    assert "marked our mail as spam" in desk.post(again, follow=True).content.decode()
    SuppressedAddress.objects.update(cause="bounced", since=timezone.now(), lifted_at=timezone.now() - MINUTE)
    assert "bounced once more" in desk.post(again, follow=True).content.decode()
    SuppressedAddress.objects.all().delete()
    OutboxMessage.objects.update(delivery=Delivery.DELIVERED)
    assert "a colleague was quicker" in desk.post(again, follow=True).content.decode()
    assert now_of(sent).state == State.SENT


def test_a_get_sends_nothing_again_and_others_see_nothing(sent, desk, provider):
    told(sent, Delivery.BOUNCED)
    path = f"/admin/identity/outboxmessage/{sent.pk}/send-again/"
    desk.get(path)
    assert now_of(sent).delivery == Delivery.BOUNCED
    assert signed_in(provider).post(path).status_code in (302, 403, 404)
    assert now_of(sent).delivery == Delivery.BOUNCED
    assert desk.post("/admin/identity/outboxmessage/999999/send-again/").status_code == 404


def test_a_person_sees_that_mail_bounces_with_the_way_out(sent, submitted):
    """leap 1: on their profile, with "send again" beside it; a second press within the hour says why not."""
    account = submitted.account
    browser = signed_in(account)
    assert "Mail bounces" not in browser.get("/id/profile/addresses/").content.decode()
    told(sent, Delivery.BOUNCED)
    assert "Mail does not arrive" in browser.get("/id/profile/").content.decode()
    page = browser.get("/id/profile/addresses/").content.decode()
    row = addresses.for_account(account)[0]
    press = f"/id/profile/addresses/{row.pk}/send-again/"
    assert "Mail bounces" in page
    assert press in page
    assert "We try" in browser.post(press, follow=True).content.decode()
    assert now_of(sent).state == State.WAITING
    SuppressedAddress.objects.update(since=timezone.now() + MINUTE)
    assert "a short while ago" in browser.post(press, follow=True).content.decode()


def test_nobody_sends_mails_of_others_again(sent, submitted):
    """The same mailbox may serve two IDs: each sends its own mails again; another one's address is a 404."""
    told(sent, Delivery.BOUNCED)
    row, other = addresses.for_account(submitted.account)[0], AccountFactory()
    assert signed_in(other).post(f"/id/profile/addresses/{row.pk}/send-again/").status_code == 404
    assert outbox.give_again_to(account=other, address=submitted.account.email, now=NOW + 2 * MINUTE)
    assert now_of(sent).delivery == Delivery.BOUNCED


def test_a_person_whose_mail_counts_as_spam_verifies_anew(sent, submitted, inbox):
    account = submitted.account
    told(sent, Delivery.COMPLAINED)
    browser, row = signed_in(account), addresses.for_account(account)[0]
    page = browser.get("/id/profile/addresses/").content.decode()
    assert "Codes and warnings only" in page
    verify = f"/id/profile/addresses/{row.pk}/"
    assert verify in page
    browser.post(verify, {"resend": "1"})
    browser.post(verify, {"code": inbox.newest("mail").code})
    assert delivery.stopped([account.email]) == {}
    assert browser.get(verify).status_code == 302


def test_that_somebody_complained_is_told_to_its_reader_only(provider):
    """An address that was typed and not proved says nothing of whoever reads it."""
    row = addresses.add(account=provider, address="other@example.org", tenant="", now=NOW)
    key = delivery.address_key(row.email)
    SuppressedAddress.objects.create(address_key=key, cause="complained", since=NOW)
    assert addresses.stopped(addresses.for_account(provider)) == {}
    SuppressedAddress.objects.update(cause="bounced")
    assert addresses.stopped(addresses.for_account(provider)) == {row.email: "bounced"}


def test_the_page_of_a_message_asks_little(sent, desk, django_assert_max_num_queries):
    """speed: account and factor of the session, the row in its transaction, and what stops its address."""
    told(sent, Delivery.BOUNCED)
    path = f"/admin/identity/outboxmessage/{sent.pk}/change/"
    desk.get(path)
    with django_assert_max_num_queries(6):
        answer = desk.get(path)
    assert answer.status_code == 200
