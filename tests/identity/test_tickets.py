"""Tickets: a number, a page of one's own, an answer by staff; each step is told once."""

import re

import pytest
from django.db import connection

from enrollment.domain import staff
from identity.models import JournalEntry, OutboxMessage, Ticket
from identity.notices import ticket_numbers, tickets
from identity.record import journal, machine
from identity.tenancy import Scope
from tests.factories import NOW
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of
from tests.together import together

pytestmark = pytest.mark.django_db
Status = Ticket.Status


def opened(account, text="My two IDs cannot be merged."):
    return tickets.open(account=account, topic="merge", text=text, by=account, now=NOW)


def test_a_number_can_be_told_on_the_telephone():
    """S2-25, S3-16: a ticket number for tracking, without 0, O, 1 and I."""
    numbers = {ticket_numbers.new() for _ in range(200)}
    assert len(numbers) == 200
    assert all(re.fullmatch(r"T-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", number) for number in numbers)


def test_opening_mails_the_number_and_nothing_of_the_text(provider, inbox):
    """S2-25; interface: ticket number on page and by mail."""
    ticket = opened(provider)
    mail = inbox.newest("mail", provider.email)
    assert mail.subject == f"Your ticket {ticket.number}"
    assert mail.link == f"/id/tickets/{ticket.number}/"
    assert "cannot be merged" not in mail.text + mail.html
    assert journal.history(of=ticket).get().facts == {"number": ticket.number}


def test_a_ticket_of_nobody_in_particular_sends_no_mail(db):
    ticket = opened(None)
    assert ticket.status == Status.OPEN
    assert not OutboxMessage.objects.exists()


def test_text_and_answer_lie_encrypted(provider, agent):
    tickets.close(ticket=opened(provider), answer="Both IDs are one now.", by=agent, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM identity_ticketmessage")
        lying = [row[0] for row in cursor.fetchall()]
    assert len(lying) == 2
    assert "IDs" not in "".join(lying)


class TestOwnPages:
    def test_the_empty_page_says_what_it_is_for(self, provider):
        browser = signed_in(provider)
        assert 'href="/id/tickets/"' in browser.get("/id/profile/").content.decode()
        assert "You have no tickets." in browser.get("/id/tickets/").content.decode()

    def test_the_own_ones_are_listed_and_shown(self, provider):
        ticket = opened(provider)
        browser = signed_in(provider)
        assert ticket.number in browser.get("/id/tickets/").content.decode()
        page = browser.get(f"/id/tickets/{ticket.number}/").content.decode()
        assert "My two IDs cannot be merged." in page
        assert "Somebody reads your ticket" in page

    def test_somebody_elses_is_a_404_like_a_missing_one(self, provider, stranger):
        ticket = opened(provider)
        browser = signed_in(stranger)
        assert ticket.number not in browser.get("/id/tickets/").content.decode()
        for number in (ticket.number, "T-2222-2222", opened(None).number):
            assert browser.get(f"/id/tickets/{number}/").status_code == 404


class TestHandling:
    def test_only_staff_with_the_right_may(self, provider):
        ticket = opened(provider)
        for act in (
            lambda: tickets.take(ticket=ticket, by=provider, now=NOW),
            lambda: tickets.close(ticket=ticket, answer="x", by=provider, now=NOW),
        ):
            with pytest.raises(tickets.MayNotHandle):
                act()
        assert Ticket.objects.get().status == Status.OPEN

    def test_the_service_desk_takes_and_answers(self, provider, agent, inbox):
        """S2-25: "Someone will make sure the correct address and IDs are attached." """
        ticket = opened(provider)
        desk = signed_in(agent, verified=True)
        assert ticket.number in desk.get("/admin/identity/ticket/").content.decode()
        page = f"/admin/identity/ticket/{ticket.pk}/change/"
        assert "My two IDs cannot be merged." in desk.get(page).content.decode()
        desk.post(page, {"step": "take"})
        ticket.refresh_from_db()
        assert (ticket.status, ticket.claimed_by) == (Status.IN_PROGRESS, agent)
        assert "works on it" in desk.get(page).content.decode()
        refused = desk.post(page, {"step": "close", "answer": " "})
        assert refused.status_code == 422
        assert "Enter an answer" in refused.content.decode()
        desk.post(page, {"step": "close", "answer": "Both IDs are one now."})
        mail = inbox.newest("mail", provider.email)
        assert mail.subject == f"Your ticket {ticket.number} is answered"
        assert "Both IDs" not in mail.text
        assert "Both IDs are one now." in signed_in(provider).get(mail.link).content.decode()
        assert "<textarea" not in desk.get(page).content.decode()

    def test_the_second_of_two_agents_changes_nothing_and_keeps_what_was_written(self, provider, agent):
        ticket = opened(provider)
        desk, page = signed_in(agent, verified=True), f"/admin/identity/ticket/{ticket.pk}/change/"
        tickets.close(ticket=ticket, answer="First.", by=agent, now=NOW)
        shown = desk.post(page, {"step": "close", "answer": "Second."}, follow=True).content.decode()
        assert "a colleague was quicker" in shown
        assert "You had written: Second." in shown
        assert words_of(ticket) == ["My two IDs cannot be merged.", "First."]

    def test_a_member_of_staff_without_the_right_sees_none(self, provider, agent):
        ticket = opened(provider)
        agent.groups.clear()
        desk = signed_in(agent, verified=True)
        assert desk.get("/admin/identity/ticket/").status_code == 403
        assert desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").status_code == 404
        assert desk.post(f"/admin/identity/ticket/{ticket.pk}/change/", {"step": "take"}).status_code == 404

    def test_the_service_desk_group_has_the_right(self, agent):
        assert agent.groups.get(name=staff.SERVICE_DESK.group).permissions.filter(codename="handle_ticket").exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_one_wins(provider, agent):
    ticket = opened(provider)

    def take():
        try:
            tickets.take(ticket=Ticket.objects.get(pk=ticket.pk), by=agent, now=NOW)
        except machine.NotPossible:
            return "lost"
        return "won"

    assert sorted(together(take, threads=3)) == ["lost", "lost", "won"]
    assert JournalEntry.objects.filter(kind="identity.TicketTaken").count() == 1


def test_whose_staff_see_it_stands_on_the_row(provider):
    """D-28: the queue says it, else the realm of its account; what is about nobody is the operators'."""
    told = {"topic": Ticket.Topic.OTHER, "text": "x", "by": None, "now": NOW}
    own = tickets.open(account=provider, **told)
    queued = tickets.open(account=provider, queue="provider-online", portal_key="provider-online", **told)
    nobodys = tickets.open(account=None, **told)
    assert [row.realm for row in (own, queued, nobodys)] == ["ohid", "", ""]
    seen = {
        realm: set(Ticket.objects.filter(tickets.within(Scope(realms=frozenset({realm})))))
        for realm in ("ohid", "provider-online")
    }
    assert seen == {"ohid": {own}, "provider-online": set()}
    assert set(Ticket.objects.filter(tickets.within(Scope(portals=frozenset({"provider-online"}))))) == {queued}
