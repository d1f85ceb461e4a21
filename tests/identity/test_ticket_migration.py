"""Tickets of 0.2.0 are carried along: the text is the first message, the answer the last, read by its person."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from identity.models import Ticket
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.tickets import words_of

LAYOUT_OF_0_2_0 = [("identity", "0002_passkeys")]


def migrate(to):
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


def newest():
    return MigrationExecutor(connection).loader.graph.leaf_nodes()  # of all apps: some stand on identity's


@pytest.mark.django_db(transaction=True)
def test_texts_and_answers_become_messages_and_the_way_back_holds():
    """rooms, 2: from 0.2.0 on rows are carried along, on both databases, as they lie: encrypted."""
    person, agent = AccountFactory(), make_staff("desk.agent", "service desk")
    now, last = {"topic": "other", "opened_at": NOW, "status_since": NOW}, newest()
    before = migrate(LAYOUT_OF_0_2_0).get_model("identity", "Ticket")
    try:
        before.objects.create(number="T-2222-2222", account_id=person.pk, text="Open.", status="open", **now)
        before.objects.create(
            number="T-3333-3333",
            account_id=person.pk,
            text="Taken.",
            status="in progress",
            handled_by_id=agent.pk,
            **now,
        )
        before.objects.create(
            number="T-4444-4444", account_id=None, text="Asked.", status="closed", answer="Answered.",
            handled_by_id=agent.pk, **now,
        )  # fmt: skip
        closed = {"status": "closed", "answer": "Told.", "handled_by_id": agent.pk}
        before.objects.create(number="T-5555-5555", account_id=person.pk, text="Done?", **closed, **now)
    finally:
        migrate(last)
    found = {ticket.number[-4:]: ticket for ticket in Ticket.objects.all()}
    assert {number: words_of(ticket) for number, ticket in found.items()} == {
        "2222": ["Open."], "3333": ["Taken."], "4444": ["Asked.", "Answered."], "5555": ["Done?", "Told."],
    }  # fmt: skip
    assert [(one.author, one.is_staff) for one in found["5555"].messages.order_by("pk")] == [
        (person, False), (agent, True),
    ]  # fmt: skip
    assert {number: ticket.claimed_by for number, ticket in found.items()} == {
        "2222": None, "3333": agent, "4444": None, "5555": None,
    }  # fmt: skip
    assert not found["3333"].is_held(now=NOW), "free for whoever goes on with it"
    assert not Ticket.objects.unread_by(person).exists()
    try:
        back = migrate(LAYOUT_OF_0_2_0).get_model("identity", "Ticket")
        assert set(back.objects.values_list("text", "answer", "handled_by_id")) == {
            ("Open.", "", None), ("Taken.", "", agent.pk), ("Asked.", "Answered.", agent.pk),
            ("Done?", "Told.", agent.pk),
        }  # fmt: skip
    finally:
        migrate(last)
