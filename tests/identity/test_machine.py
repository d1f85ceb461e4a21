"""One way to take a step, and what every table of states has to say (house: a state machine is a table)."""

from datetime import timedelta
from inspect import isabstract

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config import reference
from identity.models import Account, FactorReset, JournalEntry, OutboxMessage
from identity.record import journal, outbox
from identity.record.machine import Machine, NotPossible, ReasonMissing, SamePerson, Stale
from identity.recovery import factor_resets
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory

State = FactorReset.State
MACHINE = factor_resets.MACHINE
MACHINES = [machine for _name, _title, machine, _mail in reference.MACHINES]
ENDS = {
    "MassAct": {"done", "discarded"},
    "DecidersChange": {"done", "cancelled"},
    "HandOver": {"done", "declined", "lapsed"},
    "Mandate": {"declined", "lapsed", "ended"},
    "CourseVersion": {"retired", "discarded"},
    "Attempt": {"passed", "failed"},
    "NewsItem": {"withdrawn"},
    "GridVersion": {"published", "discarded"},
    "RegisterImport": {"done", "given up"},
    "AdministratorRequest": {"approved", "denied", "withdrawn", "expired"},
    "Unlinking": {"done", "cancelled"},
    "Invitation": {"accepted", "canceled", "lapsed"},
    "LegacyImport": {"done", "refused", "discarded"},
    "Review": {"answered", "unanswered"},
    "SweepRun": {"discarded", "undone"},
    "StoredFile": {"refused"},
    "Ticket": set(),  # a reply opens it again
    "Submission": {"approved", "denied", "withdrawn", "expired"},
    "FactorReset": {"done", "stopped", "cancelled"},
}
QUEUES = {"Certificate", "OutboxMessage", "Printout"}
FACTS = {"PracticeWarning"}  # names the state of something else, of which somebody was told
UNUSED = {"OnlineMachine": {"fax received"}}  # a state of the same rows that this machine leads nobody to
SILENT = {"Submission": {"draft"}}  # nobody's business before it is sent in


@pytest.fixture
def agents(db) -> tuple[Account, Account]:
    return make_staff("desk.first", "service desk"), make_staff("desk.second", "service desk")


@pytest.fixture
def reset(agents) -> FactorReset:
    holder = AccountFactory(login_name="lost.phone", phone="+13105550123")
    return FactorReset.objects.create(account=holder, reason="lost", started_by=agents[0], started_at=NOW)


def each(machines: list[Machine]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("machine", machines, ids=lambda machine: machine.model.__name__)


def below(kind):
    """Every class that comes of it."""
    return {one for child in kind.__subclasses__() for one in (child, *below(child))}


class TestTables:
    """Of all machines."""

    def test_every_machine_is_drawn_and_walked(self):
        made = {kind for kind in below(Machine) if not (isabstract(kind) or kind.__module__.startswith("tests."))}
        assert {type(machine) for machine in MACHINES} == made
        assert set(ENDS) == {machine.model.__name__ for machine in MACHINES}

    def test_whatever_has_states_is_moved_by_a_machine(self):
        """But for the rows of queues, which a lease moves, and what was noted of others."""
        with_states = {
            model.__name__
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if field.name in ("state", "status") and field.choices
        }
        assert with_states == {machine.model.__name__ for machine in MACHINES} | QUEUES | FACTS

    @each(MACHINES)
    def test_every_table_names_every_state(self, machine):
        states = {value for value, _label in machine.model._meta.get_field(machine.field).choices}
        assert set(machine.transitions) == states
        assert set(machine.events) == set(machine.messages) == states - SILENT.get(machine.model.__name__, set())
        named = machine.begins | machine.needs_reason | set(machine.by_two) | set().union(*machine.transitions.values())
        assert named <= states
        columns = {field.attname for field in machine.model._meta.concrete_fields}
        assert {*machine.compared, *(f"{field}_id" for field in machine.by_two.values())} <= columns

    @each(MACHINES)
    def test_every_state_is_reached_and_the_ends_are_known(self, machine):
        reached, new = set(), set(machine.begins)
        while new:
            reached |= new
            new = set().union(*(machine.transitions[state] for state in new)) - reached
        unused = UNUSED.get(type(machine).__name__, set())
        assert reached == set(machine.transitions) - unused
        ends = {state for state in reached if not machine.transitions[state]}
        assert ends == ENDS[machine.model.__name__]
        assert not any(machine.transitions[state] for state in unused)

    @each(MACHINES)
    def test_every_step_leaves_an_event_of_its_own(self, machine):
        assert set().union(*machine.transitions.values()) <= set(machine.events)
        assert len(set(machine.events.values())) == len(machine.events)
        assert all(journal.KINDS[event.stored_as] is event for event in machine.events.values())
        assert all(to in machine.transitions[left] for left, to in machine.steps)
        assert all(outbox.KINDS[one.stored_as] is one for one in machine.messages.values() if one)


class TestMoving:
    def move(self, reset, by, **changes):
        given = {"to": State.CONFIRMED, "reason": " checked ", "now": NOW, "by": by, **changes}
        with transaction.atomic():
            return MACHINE.move(reset, **given)

    def test_a_step_writes_its_stamps_its_event_and_its_messages(self, reset, agents):
        moved = self.move(reset, agents[1])
        assert moved is reset
        assert (reset.state, reset.confirmed_by, reset.confirmed_at) == (State.CONFIRMED, agents[1], NOW)
        assert FactorReset.objects.get().state == State.CONFIRMED
        entry = JournalEntry.objects.get(kind="identity.FactorResetConfirmed")
        assert (entry.by, entry.account, entry.object_id, entry.facts) == (
            agents[1], reset.account, str(reset.pk), {"reason": "checked"},
        )  # fmt: skip
        assert [row.ids["reset"] for row in OutboxMessage.objects.all()] == [str(reset.pk)]

    def test_no_step_leads_where_the_table_does_not(self, reset, agents):
        for state, targets in MACHINE.transitions.items():
            for to in set(State) - targets:
                FactorReset.objects.filter(pk=reset.pk).update(state=state)
                reset.refresh_from_db()
                assert not MACHINE.can_move(reset, to=to)
                with pytest.raises(NotPossible) as refused:
                    self.move(reset, agents[1], to=to)
                assert refused.value.current.state == state
        assert not JournalEntry.objects.filter(object_id=str(reset.pk)).exists()

    def test_of_two_who_press_at_once_the_second_is_told_where_it_is(self, reset, agents):
        FactorReset.objects.filter(pk=reset.pk).update(state=State.CANCELLED)
        assert reset.state == State.STARTED
        with pytest.raises(NotPossible) as refused:
            self.move(reset, agents[1])
        assert refused.value.current.state == State.CANCELLED
        assert FactorReset.objects.get().confirmed_by is None
        assert not OutboxMessage.objects.exists()

    def test_the_second_of_two_is_somebody_else(self, reset, agents):
        with pytest.raises(SamePerson):
            self.move(reset, agents[0])
        assert self.move(reset, agents[0], to=State.CANCELLED).state == State.CANCELLED, "giving up needs nobody else"

    def test_a_person_says_why_a_job_need_not(self, reset, agents):
        for nothing in ("", " \n"):
            with pytest.raises(ReasonMissing):
                self.move(reset, agents[1], reason=nothing)
        assert self.move(reset, None, to=State.CANCELLED, reason="").state == State.CANCELLED

    def test_whoever_saw_another_version_is_refused(self, reset, agents, monkeypatch):
        """A column stands for the counter that a row of versions has."""
        monkeypatch.setattr(MACHINE, "version", "started_at")
        with pytest.raises(Stale) as refused:
            self.move(reset, agents[1], seen=NOW - timedelta(seconds=1))
        assert refused.value.current is reset
        assert self.move(reset, agents[1], seen=NOW).state == State.CONFIRMED

    def test_what_is_compared_beside_the_state_may_not_have_changed(self, reset, agents, monkeypatch):
        monkeypatch.setattr(MACHINE, "compared", ("called",))
        FactorReset.objects.filter(pk=reset.pk).update(called="another number")
        with pytest.raises(NotPossible):
            self.move(reset, agents[1])
        assert self.move(reset, agents[1]).state == State.CONFIRMED, "read anew it is possible"

    def test_never_outside_a_transaction(self, reset, agents):
        """A step without its event would be a lie."""
        with pytest.raises(transaction.TransactionManagementError):
            MACHINE.move(reset, to=State.CONFIRMED, by=agents[1], now=NOW, reason="checked")
        assert FactorReset.objects.get().state == State.STARTED

    def test_what_was_read_with_the_row_stays_read(self, reset, agents):
        """speed: a step is one UPDATE, one SELECT of what it wrote, and what it tells."""
        read = FactorReset.objects.select_related("account", "started_by").get()
        with (
            transaction.atomic(),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            MACHINE.move(read, to=State.CANCELLED, by=agents[1], now=NOW, reason="a mistake")
        assert [query["sql"].split()[0] for query in queries] == ["UPDATE", "SELECT", "INSERT"]
