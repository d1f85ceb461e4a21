"""A ticket is a conversation: who says what, where it stands then, who is told, and what is new to whom (S3-16, S4-16)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.utils import timezone
from guardian.shortcuts import assign_perm

from identity.models import JournalEntry, OutboxMessage, Ticket, TicketMessage, TicketRead
from identity.notices import tickets
from identity.policy import lifecycle
from identity.record import journal, machine
from rbac.models import ApprovalQueue
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of
from tests.together import together

pytestmark = pytest.mark.django_db
Status = Ticket.Status
SECOND = timedelta(seconds=1)


@pytest.fixture
def ticket(provider):
    return tickets.open(account=provider, topic="other", text="The list is empty.", by=provider, now=NOW)


@pytest.fixture
def colleague(db):
    return make_staff("desk.colleague", "service desk")


def page_of(ticket) -> str:
    return f"/id/tickets/{ticket.number}/"


def titles(ticket) -> list[str]:
    return [journal.title_of(entry) for entry in reversed(journal.history(of=ticket))]


def may_handle(account, ticket) -> bool:
    try:
        tickets.check_can_handle(account, ticket)
    except tickets.MayNotHandle:
        return False
    return True


class TestWaitingForEachOther:
    def test_a_reply_waits_for_the_person_and_theirs_for_the_desk(self, ticket, provider, agent, inbox):
        """ground 4: open, in progress, waiting for you, in progress again, answered."""
        assert tickets.take(ticket=ticket, by=agent, now=NOW).status == Status.IN_PROGRESS
        assert tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW).status == Status.WAITING
        assert tickets.write(ticket=ticket, text="That of claims.", by=provider, now=NOW).status == Status.IN_PROGRESS
        assert tickets.close(ticket=ticket, answer="It is mended.", by=agent, now=NOW).status == Status.CLOSED
        assert words_of(ticket) == ["The list is empty.", "Which list?", "That of claims.", "It is mended."]
        assert titles(ticket) == [
            "Ticket opened", "Work on the ticket began", "Service desk replied", "Something was added to the ticket",
            "Ticket answered",
        ]  # fmt: skip

    def test_every_reply_is_told_once_and_never_said(self, ticket, provider, agent, inbox):
        """ground 4: the mail says that there is an answer, never what it is."""
        for number in ("first", "second"):
            tickets.reply(ticket=ticket, text=f"The {number} secret.", by=agent, now=NOW)
        told = OutboxMessage.objects.filter(kind="identity.TicketRepliedMail")
        assert told.count() == 2
        mail = inbox.newest("mail", provider.email)
        assert mail.subject == f"A reply to your ticket {ticket.number}"
        assert "secret" not in mail.text + mail.html
        assert mail.link == page_of(ticket)

    def test_a_second_answer_is_told_as_the_first_was(self, ticket, provider, agent):
        """Closed, opened again, closed again: two mails."""
        tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW)
        tickets.write(ticket=ticket, text="It is back.", by=provider, now=NOW)
        tickets.close(ticket=ticket, answer="Done again.", by=agent, now=NOW)
        assert OutboxMessage.objects.filter(kind="identity.TicketClosedMail").count() == 2

    def test_what_staff_said_last_may_be_the_answer(self, ticket, provider, agent):
        """Closing needs an answer: a reply that nobody contradicted is one."""
        tickets.reply(ticket=ticket, text="Try it now.", by=agent, now=NOW)
        tickets.write(ticket=ticket, text="Still empty.", by=provider, now=NOW)
        with pytest.raises(tickets.AnswerMissing):
            tickets.close(ticket=ticket, answer=" ", by=agent, now=NOW)
        tickets.reply(ticket=ticket, text="And now?", by=agent, now=NOW)
        assert tickets.close(ticket=ticket, answer="", by=agent, now=NOW).status == Status.CLOSED
        assert words_of(ticket)[-1] == "And now?"

    def test_an_agent_who_asks_reads_what_everybody_who_asks_reads(self, agent, colleague):
        """What stands beside a ticket at the desk, who holds it and who answered, is on no page of its writer's."""
        own = tickets.open(account=agent, topic="other", text="My list is empty.", by=agent, now=timezone.now())
        tickets.take(ticket=own, by=colleague, now=timezone.now())
        tickets.close(ticket=own, answer="Try again.", by=colleague, now=timezone.now())
        page = signed_in(agent, verified=True).get(page_of(own)).content.decode()
        assert "Try again." in page
        assert not [word for word in (colleague.get_full_name(), colleague.login_name, colleague.email) if word in page]

    def test_an_empty_reply_is_none(self, ticket, agent):
        with pytest.raises(tickets.AnswerMissing):
            tickets.reply(ticket=ticket, text=" \n", by=agent, now=NOW)
        assert not OutboxMessage.objects.filter(kind="identity.TicketRepliedMail").exists()

    def test_the_same_words_sent_twice_are_said_once(self, ticket, provider):
        for _ in range(2):
            tickets.write(ticket=ticket, text="And one thing more.", by=provider, now=NOW)
        assert words_of(ticket) == ["The list is empty.", "And one thing more."]


class TestAfterTheAnswer:
    def test_a_reply_opens_it_again_and_for_everybody(self, ticket, provider, agent, colleague):
        """osTicket 3308: it must not stay with an agent who is on leave."""
        tickets.take(ticket=ticket, by=agent, now=NOW)
        tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW)
        again = tickets.write(ticket=ticket, text="It is back.", by=provider, now=NOW)
        assert (again.pk, again.status, again.claimed_by) == (ticket.pk, Status.OPEN, None)
        assert titles(ticket)[-1] == "Ticket opened again by a reply"
        assert tickets.take(ticket=again, by=colleague, now=NOW).claimed_by == colleague

    def test_long_after_it_a_reply_is_a_ticket_that_names_it(self, ticket, provider, agent, inbox):
        """frappe/helpdesk 3465; at the moment itself the time is over."""
        tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW)
        over = NOW + lifecycle.after("ticket_reply")
        later = tickets.write(ticket=ticket, text="It is back.", by=provider, now=over)
        assert (later.earlier, later.status, later.topic, later.account) == (ticket, Status.OPEN, "other", provider)
        assert Ticket.objects.get(pk=ticket.pk).status == Status.CLOSED
        assert inbox.newest("mail", provider.email).subject == f"Your ticket {later.number}"
        assert tickets.write(ticket=ticket, text="Once more.", by=provider, now=over + SECOND) == later
        assert words_of(later) == ["It is back.", "Once more."], "the old page leads to the same new ticket"

    def test_a_second_before_the_end_it_is_the_same_ticket(self, ticket, provider, agent):
        tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW)
        just_in_time = NOW + lifecycle.after("ticket_reply") - SECOND
        assert tickets.write(ticket=ticket, text="It is back.", by=provider, now=just_in_time) == ticket

    def test_the_new_ticket_keeps_what_the_old_one_was_about(self, provider, agent):
        about = {"portal_key": "claims", "queue": "claims", "subject": "An empty list", "practice_id": 7}
        old = tickets.open(account=provider, topic="trouble", text="?", by=provider, now=NOW, **about)
        tickets.close(ticket=old, answer="Done.", by=agent, now=NOW)
        later = tickets.write(ticket=old, text="Back.", by=provider, now=NOW + lifecycle.after("ticket_reply"))
        assert {name: getattr(later, name) for name in about} == about


class TestClaims:
    def test_whoever_holds_it_is_left_alone_for_a_quarter_of_an_hour(self, ticket, agent, colleague):
        """Every step of a colleague is refused while it is held, and none once the time is over."""
        tickets.take(ticket=ticket, by=agent, now=NOW)
        steps = (
            lambda at: tickets.take(ticket=ticket, by=colleague, now=at),
            lambda at: tickets.reply(ticket=ticket, text="Me too.", by=colleague, now=at),
            lambda at: tickets.close(ticket=ticket, answer="Me too.", by=colleague, now=at),
            lambda at: tickets.hand_over(ticket=ticket, to=agent, by=colleague, now=at),
        )
        for step in steps:
            with pytest.raises(machine.NotPossible):
                step(NOW + lifecycle.after("ticket_hold") - SECOND)
        assert words_of(ticket) == ["The list is empty."]
        assert steps[0](NOW + lifecycle.after("ticket_hold")).claimed_by == colleague

    def test_whoever_holds_it_gives_it_back(self, ticket, agent, colleague):
        tickets.take(ticket=ticket, by=agent, now=NOW)
        with pytest.raises(machine.NotPossible):
            tickets.release(ticket=ticket, by=colleague, now=NOW)
        assert tickets.release(ticket=ticket, by=agent, now=NOW).claimed_by is None
        assert tickets.take(ticket=ticket, by=colleague, now=NOW).claimed_by == colleague
        assert titles(ticket)[1:] == [
            "Work on the ticket began", "Ticket given back to the queue", "Work on the ticket began",
        ]  # fmt: skip

    def test_it_is_handed_to_a_colleague_who_is_told(self, ticket, agent, colleague, inbox):
        """zammad 246."""
        tickets.take(ticket=ticket, by=agent, now=NOW)
        handed = tickets.hand_over(ticket=ticket, to=colleague, by=agent, now=NOW)
        assert (handed.status, handed.claimed_by) == (Status.IN_PROGRESS, colleague)
        mail = inbox.newest("mail", colleague.email)
        assert mail.subject == f"Ticket {ticket.number} was handed over to you"
        assert "empty" not in mail.text
        assert mail.link == f"/admin/identity/ticket/{ticket.pk}/change/"
        with pytest.raises(machine.NotPossible):
            tickets.reply(ticket=ticket, text="One word more.", by=agent, now=NOW)

    def test_only_to_somebody_who_may_answer(self, ticket, agent, provider):
        operator = make_staff("the.operator", "operator")
        operator.user_permissions.clear()
        operator.groups.clear()
        operator.is_superuser = False
        operator.save()
        for to in (provider, operator):
            with pytest.raises(tickets.MayNotHandle):
                tickets.hand_over(ticket=ticket, to=to, by=agent, now=NOW)

    def test_colleagues_are_those_who_may_answer(self, ticket, agent, colleague, provider):
        AccountFactory(is_staff=True)
        assert list(tickets.colleagues(agent, ticket)) == [colleague]
        colleague.is_active = False
        colleague.save()
        assert list(tickets.colleagues(agent, ticket)) == []

    @pytest.mark.parametrize("queue", ["", "claims", "physician", "provider-online"])
    @pytest.mark.parametrize("about", ["ohid", "provider-online", None])
    def test_only_those_are_listed_who_see_the_ticket(self, agent, about, queue):
        """D-28: whoever cannot be handed it is not offered. By a right of one's own, a group's, or the wide one."""
        staff = {one: make_staff(f"desk.{one}", "service desk", (one,)) for one in ("claims", "provider-online")}
        staff["none"] = AccountFactory(is_staff=True)
        staff["none"].groups.set(agent.groups.filter(permissions__codename="handle_ticket"))
        staff["wide"] = AccountFactory(is_staff=True)
        staff["super"] = AccountFactory(is_staff=True, is_superuser=True)
        staff["group"] = AccountFactory(is_staff=True)
        wide, handle = (Permission.objects.get(codename=name) for name in ("see_everybody", "handle_ticket"))
        for one in ("wide", "super", "group"):
            staff[one].user_permissions.add(handle)
        staff["wide"].user_permissions.add(wide)
        group = Group.objects.create(name="They decide")
        staff["group"].groups.add(group)
        assign_perm("rbac.decide_requests", group, ApprovalQueue.objects.get(portal_key="provider-online"))
        account = AccountFactory(realm=about) if about else None
        ticket = tickets.open(account=account, topic="other", text="x", queue=queue, by=None, now=NOW)
        assert set(tickets.colleagues(agent, ticket)) == {one for one in staff.values() if may_handle(one, ticket)}

    def test_a_reply_of_the_person_leaves_it_with_whoever_holds_it(self, ticket, provider, agent):
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW)
        tickets.take(ticket=ticket, by=agent, now=NOW)
        written = tickets.write(ticket=ticket, text="That of claims.", by=provider, now=NOW)
        assert (written.status, written.claimed_by) == (Status.IN_PROGRESS, agent)

    def test_what_was_said_meanwhile_is_read_first(self, ticket, provider, agent):
        """Whoever answers a page that is no longer true would pass by what the person wrote."""
        seen = ticket.messages.get().pk
        tickets.write(ticket=ticket, text="It is solved, thank you.", by=provider, now=NOW)
        for step in (
            lambda: tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW, seen=seen),
            lambda: tickets.close(ticket=ticket, answer="No.", by=agent, now=NOW, seen=seen),
        ):
            with pytest.raises(machine.Stale):
                step()
        assert words_of(ticket) == ["The list is empty.", "It is solved, thank you."]


class TestUnread:
    def unread(self, account):
        return list(Ticket.objects.unread_by(account))

    def test_an_answer_is_new_until_its_reader_saw_it(self, ticket, provider, agent):
        assert self.unread(provider) == []
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW)
        assert self.unread(provider) == [ticket]
        browser = signed_in(provider)
        assert "1 new answer<" in browser.get("/id/profile/").content.decode()
        assert "New answer" in browser.get("/id/tickets/").content.decode()
        assert "Which list?" in browser.get(page_of(ticket)).content.decode()
        assert self.unread(provider) == []
        assert "new answer" not in browser.get("/id/profile/").content.decode()

    def test_unread_belongs_to_the_reader(self, ticket, provider, agent, colleague):
        """relaticle 386, bottube 1186: that one agent looked makes nothing old for another, nor for the person."""
        page = f"/admin/identity/ticket/{ticket.pk}/change/"
        signed_in(agent, verified=True).get(page)

        def news(reader):
            return Ticket.objects.with_unread(reader=reader, of_staff=False).get().is_unread

        assert (news(agent), news(colleague)) == (False, True)
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW)
        signed_in(colleague, verified=True).get(page)
        assert self.unread(provider) == [ticket]

    def test_what_came_after_the_page_was_made_stays_new(self, ticket, provider, agent):
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW)
        shown = ticket.messages.last().pk
        tickets.reply(ticket=ticket, text="Of which year?", by=agent, now=NOW)
        tickets.note_read(ticket=ticket, by=provider, up_to=shown)
        assert self.unread(provider) == [ticket]

    def test_an_older_page_makes_nothing_new_again(self, ticket, provider, agent):
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW)
        newest = ticket.messages.last().pk
        for shown in (newest, newest - 1):
            tickets.note_read(ticket=ticket, by=provider, up_to=shown)
        assert TicketRead.objects.get(account=provider).read_to == newest

    def test_somebody_elses_answers_are_never_counted(self, ticket, agent, stranger):
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=NOW)
        assert self.unread(stranger) == []


class TestOwnPage:
    def test_the_person_writes_back(self, ticket, provider):
        browser = signed_in(provider)
        answer = browser.post(page_of(ticket), {"text": "It is\nstill empty.\0"}, follow=True)
        assert answer.redirect_chain == [(page_of(ticket), 302)]
        assert "Your message was added to the ticket." in answer.content.decode()
        assert words_of(ticket)[-1] == "It is\nstill empty."

    def test_a_closed_one_says_how_long_a_reply_opens_it(self, ticket, provider, agent):
        tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW)
        assert "opens this ticket again within 7 days" in signed_in(provider).get(page_of(ticket)).content.decode()

    @pytest.mark.parametrize(
        ("typed", "said"), [("", "Fill in “Your message”."), ("x" * 4001, "at most 4000 characters")]
    )
    def test_a_mistake_is_named_and_what_was_typed_is_kept(self, ticket, provider, typed, said):
        page = signed_in(provider).post(page_of(ticket), {"text": typed}).content.decode()
        assert said in page
        assert typed in page
        assert "There is a problem" in page
        assert TicketMessage.objects.count() == 1

    def test_scripts_are_words(self, provider, agent):
        """Bad input: what either side types is shown, never run."""
        bad = "<script>alert(1)</script><img src=x onerror=alert(2)>"
        about = {"subject": bad, "portal_key": "claims", "queue": "claims"}
        ticket = tickets.open(account=provider, topic="other", text=bad, by=provider, now=NOW, **about)
        tickets.reply(ticket=ticket, text=bad, by=agent, now=NOW)
        desk = signed_in(agent, verified=True)
        for page in (
            signed_in(provider).get(page_of(ticket)),
            signed_in(provider).get("/id/tickets/"),
            desk.get(f"/admin/identity/ticket/{ticket.pk}/change/"),
        ):
            assert "<script>alert" not in page.content.decode()
            assert "<img src=x" not in page.content.decode()

    def test_nobody_else_writes_into_it(self, ticket, stranger):
        """The bytes of a missing one."""
        browser = signed_in(stranger)
        answers = [browser.post(f"/id/tickets/{number}/", {"text": "x"}) for number in (ticket.number, "T-2222-2222")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert TicketMessage.objects.count() == 1

    def test_ten_messages_an_hour(self, ticket, provider):
        browser = signed_in(provider)
        for number in range(10):
            assert browser.post(page_of(ticket), {"text": f"Message {number}"}).status_code == 302
        refused = browser.post(page_of(ticket), {"text": "One too many"}).content.decode()
        assert "You have sent many messages." in refused
        assert "One too many</textarea>" in refused
        assert "One too many" not in words_of(ticket)

    def test_the_page_costs_the_same_however_long_the_talk_is(self, ticket, provider, agent, django_assert_num_queries):
        for number in range(12):
            tickets.reply(ticket=ticket, text=f"Reply {number}", by=agent, now=NOW)
        browser = signed_in(provider)
        browser.get(page_of(ticket))
        with django_assert_num_queries(1 + 4):
            answer = browser.get(page_of(ticket))
        assert answer.status_code == 200


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_two_agents_who_answer_at_once_one_is_heard(self, provider, agent, colleague):
        """ground, to be shown: two agents on one ticket, each with the page of before."""
        ticket = tickets.open(account=provider, topic="other", text="Help", by=provider, now=NOW)
        seen, agents = tickets.newest(ticket), iter([agent, colleague] * 2)

        def answer():
            by = next(agents)
            try:
                tickets.close(ticket=Ticket.objects.get(pk=ticket.pk), answer=by.login_name, by=by, now=NOW, seen=seen)
            except machine.NotPossible:
                return "lost"
            return "won"

        assert sorted(together(answer, threads=4)) == ["lost", "lost", "lost", "won"]
        assert ticket.messages.count() == 2
        assert JournalEntry.objects.filter(kind="identity.TicketClosed").count() == 1

    def test_a_reply_in_the_second_it_closes_is_never_lost(self, provider, agent):
        """Either the agent is told that something was said, or the reply opens it again: it never lies in a closed
        ticket unseen."""
        for _round in range(8):
            ticket = tickets.open(account=provider, topic="other", text="Help", by=provider, now=NOW)
            seen = tickets.newest(ticket)

            def write(ticket=ticket):
                tickets.write(ticket=ticket, text="One thing more.", by=provider, now=NOW)

            def close(ticket=ticket, seen=seen):
                try:
                    tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW, seen=seen)
                except machine.Stale:
                    return

            turns = iter([write, close])
            together(lambda turns=turns: next(turns)(), threads=2)
            ticket.refresh_from_db()
            assert ticket.status == Status.OPEN
            assert "One thing more." in words_of(ticket)
