"""The desk's page of a ticket: taken, talked about, handed over, answered; what a colleague did first keeps what was
typed (S3-16)."""

import pytest
from django.utils import timezone

from identity.models import Ticket
from identity.notices import tickets
from tests.conftest import make_staff
from tests.factories import NOW
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
Status = Ticket.Status


@pytest.fixture
def colleague(db):
    return make_staff("desk.colleague", "service desk")


@pytest.fixture
def ticket(provider):
    return tickets.open(account=provider, topic="other", text="The list is empty.", by=provider, now=NOW)


@pytest.fixture
def desk(agent):
    return signed_in(agent, verified=True)


def page_of(ticket) -> str:
    return f"/admin/identity/ticket/{ticket.pk}/change/"


def press(browser, ticket, step, **typed):
    return browser.post(page_of(ticket), {"step": step, **typed}, follow=True)


def test_a_reply_waits_for_the_person(desk, ticket, agent):
    shown = press(desk, ticket, "reply", answer="Which list?", seen=tickets.newest(ticket)).content.decode()
    assert "Sent. The person is told by mail." in shown
    assert "Waiting for the person" in shown
    ticket.refresh_from_db()
    assert (ticket.status, ticket.claimed_by) == (Status.WAITING, None)


def test_who_holds_it_stands_on_the_page_and_colleagues_may_only_read(desk, ticket, agent, colleague):
    press(desk, ticket, "take")
    other = signed_in(colleague, verified=True).get(page_of(ticket)).content.decode()
    assert f"{agent.get_full_name()} works on it. From " in other
    assert "<textarea" not in other
    assert 'value="take"' not in other
    own = desk.get(page_of(ticket)).content.decode()
    assert "<textarea" in own
    assert 'value="release"' in own


def test_taken_twice_by_the_same_press_it_is_ones_own(desk, ticket):
    for _ in range(2):
        assert "The ticket is yours." in press(desk, ticket, "take").content.decode()


@pytest.mark.parametrize("step", ["reply", "close"])
def test_a_page_of_before_is_shown_anew_with_what_was_typed(desk, ticket, provider, step):
    seen = tickets.newest(ticket)
    tickets.write(ticket=ticket, text="It is solved.", by=provider, now=NOW)
    refused = press(desk, ticket, step, answer="Which list?", seen=seen)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "something was said meanwhile" in page
    assert "It is solved." in page
    assert ">Which list?</textarea>" in page
    assert press(desk, ticket, step, answer="Which list?", seen=tickets.newest(ticket)).status_code == 200
    assert words_of(ticket)[-1] == "Which list?"


@pytest.mark.parametrize("step", ["take", "reply", "close", "hand over"])
def test_a_colleague_was_quicker(desk, ticket, agent, colleague, step):
    tickets.take(ticket=ticket, by=colleague, now=timezone.now())
    refused = press(desk, ticket, step, answer="My words.", to=colleague.pk)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "a colleague was quicker" in page
    assert "You had written: My words." in page
    assert words_of(ticket) == ["The list is empty."]


def test_it_is_handed_over_and_given_back(desk, ticket, agent, colleague):
    shown = press(desk, ticket, "hand over", to=colleague.pk).content.decode()
    assert f"{colleague.get_full_name()} has the ticket now" in shown
    other = signed_in(colleague, verified=True)
    assert ticket.number in other.get("/admin/identity/ticket/?work=mine").content.decode()
    assert "free for your colleagues" in press(other, ticket, "release").content.decode()
    assert ticket.number in desk.get("/admin/identity/ticket/?work=answer").content.decode()


@pytest.mark.parametrize("to", ["", "0", "x", "9" * 30, "\0"])
def test_only_a_colleague_is_handed_a_ticket(desk, ticket, provider, colleague, to):
    for typed in (to, provider.pk):
        refused = press(desk, ticket, "hand over", to=typed)
        assert refused.status_code == 422
        assert "Choose a colleague" in refused.content.decode()
    ticket.refresh_from_db()
    assert ticket.claimed_by is None


def test_too_many_words_are_kept_and_not_sent(desk, ticket):
    refused = press(desk, ticket, "reply", answer="x" * 4001)
    assert refused.status_code == 422
    assert "x" * 4001 in refused.content.decode()
    assert words_of(ticket) == ["The list is empty."]


@pytest.mark.parametrize("seen", ["x", "-1", "9" * 30])
def test_a_page_that_was_tampered_with_is_refused(desk, ticket, seen):
    assert press(desk, ticket, "close", answer="Done.", seen=seen).status_code == 422


def test_what_waits_for_an_answer_is_found_at_once(desk, ticket, provider, agent, colleague):
    """The first page counts what nobody works on: new ones, and those in which the person wrote again."""
    found = "/admin/identity/ticket/?work=answer"
    assert ticket.number in desk.get(found).content.decode()
    tickets.take(ticket=ticket, by=colleague, now=timezone.now())
    assert ticket.number not in desk.get(found).content.decode()
    tickets.reply(ticket=ticket, text="Which list?", by=colleague, now=timezone.now())
    assert ticket.number not in desk.get(found).content.decode()
    tickets.write(ticket=ticket, text="That of claims.", by=provider, now=timezone.now())
    assert ticket.number in desk.get(found).content.decode()


def test_the_page_costs_the_same_however_long_the_talk_is(desk, ticket, agent, django_assert_max_num_queries):
    for number in range(12):
        tickets.reply(ticket=ticket, text=f"Reply {number}", by=agent, now=NOW)
    desk.get(page_of(ticket))
    with django_assert_max_num_queries(13):
        answer = desk.get(page_of(ticket))
    assert answer.status_code == 200
