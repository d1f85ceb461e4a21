"""Whether somebody goes on running a practice's users, and who is told before nobody does (D-11, D-15)."""

from datetime import UTC, datetime, timedelta

import pytest

from enrollment.domain import invitations, practice_health
from enrollment.domain.invitations import Invitee
from enrollment.models import Kind
from identity.models import JournalEntry, MassAct, OutboxMessage, Ticket
from identity.notices import tickets
from identity.policy import lifecycle
from rbac.domain import grants, hand_overs, memberships
from rbac.domain import practice_health as domain
from rbac.domain.practice_health import Administrator, Door, judge
from rbac.models import AccessGrant, Membership, Practice, PracticeState, PracticeWarning
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, GrantFactory, MembershipFactory
from tests.steps.invitations import PORTAL
from tests.steps.practices import administrator, asked, lakeside, membership, user

pytestmark = pytest.mark.django_db
IDLE = lifecycle.after("idle_account")
FIRST = lifecycle.after("idle_first_warning")
SECOND = timedelta(seconds=1)
State = PracticeState


@pytest.fixture
def practice(db):
    return lakeside()


def state(practice, now=NOW):
    return practice_health.of(practice, portal_key=PORTAL, now=now).state


def used(account, at):
    AccessGrant.objects.filter(account=account).update(last_used_at=at)


class TestJudging:
    LASTS, NEAR, EVER = NOW + FIRST + SECOND, NOW + FIRST, None

    @pytest.mark.parametrize(
        ("ends", "users", "is_invited", "expected"),
        [
            ([], 0, False, State.EMPTY),
            ([], 1, False, State.NOBODY),
            ([], 1, True, State.NOBODY),
            ([LASTS], 1, False, State.ONE_LEFT),
            ([EVER], 0, False, State.ONE_LEFT),
            ([LASTS], 1, True, State.FINE),
            ([NEAR], 1, False, State.ENDING),
            ([NEAR], 1, True, State.ENDING),
            ([NEAR, NEAR], 1, False, State.ENDING),
            ([LASTS, NEAR], 1, False, State.ONE_NEAR),
            ([LASTS, NEAR], 1, True, State.FINE),
            ([LASTS, LASTS], 1, False, State.FINE),
            ([LASTS, LASTS, NEAR], 1, False, State.FINE),
        ],
    )
    def test_by_who_is_there_and_who_lasts(self, ends, users, is_invited, expected):
        people = [Administrator(number, number, end) for number, end in enumerate(ends)]
        assert judge(people, users=users, is_invited=is_invited, now=NOW) == expected


class TestFacts:
    def test_two_are_fine_one_is_one_left_none_is_nobody(self, practice, operator):
        first = administrator(practice)
        assert state(practice) == State.ONE_LEFT
        second = administrator(practice, "second.admin")
        assert state(practice) == State.FINE
        user(practice)
        memberships.end(membership=membership(second, practice), by=None, now=NOW)
        assert state(practice) == State.ONE_LEFT
        grants.end(account=first, portal_key=PORTAL, reason="stolen", by=operator, now=NOW)
        assert state(practice) == State.NOBODY

    def test_idle_clocks_count(self, practice):
        """S3-19: as far ahead as the first warning of the idle administrator."""
        olga, second = administrator(practice), administrator(practice, "second.admin")
        at = NOW + IDLE - FIRST
        assert state(practice, at - SECOND) == State.FINE
        assert state(practice, at) == State.ENDING
        used(second, at)
        assert state(practice, at) == State.ONE_NEAR
        AccessGrant.objects.filter(account=olga).update(suspended_at=at)
        assert state(practice, at) == State.ONE_LEFT

    def test_a_last_day_counts(self, practice):
        olga = administrator(practice)
        Membership.objects.filter(grant__account=olga).update(ends_on=NOW.date() + timedelta(days=10))
        found = practice_health.of(practice, portal_key=PORTAL, now=NOW)
        assert found.state == State.ENDING
        (one,) = found.administrators
        assert one.until == datetime(2026, 12, 1, 6, tzinfo=UTC), "the last day ends at midnight of the place"

    def test_an_open_invitation_of_an_administrator_counts_until_it_lapses(self, practice):
        administrator(practice)
        invitations.invite(
            kind=Kind.ADMINISTRATOR, invitee=Invitee(email="next@example.org"), role=ADMINISTRATOR,
            portal_key=PORTAL, practice=practice, by=None, now=NOW,
        )  # fmt: skip
        days = lifecycle.after("invitation_pending")
        assert state(practice, NOW + days - SECOND) == State.FINE
        assert state(practice, NOW + days) == State.ONE_LEFT

    def test_other_doors_and_other_practices_do_not(self, practice):
        administrator(practice)
        MembershipFactory(grant=GrantFactory(portal_key="claims"), practice=practice, role=ADMINISTRATOR)
        administrator(Practice.objects.create(name="Elsewhere"), "elsewhere.admin")
        assert state(practice) == State.ONE_LEFT


class TestWarning:
    def test_once_a_cause(self, practice, inbox):
        olga = administrator(practice)
        assert practice_health.warn_due(now=NOW) == 1
        assert practice_health.warn_due(now=NOW) == 0
        assert practice_health.warn_due(now=NOW + timedelta(days=40)) == 0
        (subject,) = [mail.subject for mail in inbox.all() if mail.to == olga.email][-1:]
        assert subject == "Who looks after the users of Lakeside Clinic?"
        assert JournalEntry.objects.filter(kind="rbac.PracticeWarned").count() == 1
        assert not Ticket.objects.exists(), "the practice mends this itself"

    def test_a_cause_that_went_and_came_is_a_new_one(self, practice):
        administrator(practice)
        second = administrator(practice, "second.admin")
        assert practice_health.warn_due(now=NOW) == 0
        memberships.suspend(membership=membership(second, practice), by=None, now=NOW)
        assert practice_health.warn_due(now=NOW) == 1
        memberships.restore(membership=membership(second, practice), by=None, now=NOW)
        assert practice_health.warn_due(now=NOW) == 0
        assert not PracticeWarning.objects.filter(over_at=None).exists()
        memberships.suspend(membership=membership(second, practice), by=None, now=NOW)
        assert practice_health.warn_due(now=NOW) == 1

    def test_the_desk_is_told_before_nobody_is_left_and_when_nobody_is(self, practice, operator, inbox):
        olga = administrator(practice)
        user(practice)
        assert practice_health.warn_due(now=NOW) == 1
        at = NOW + IDLE - FIRST
        AccessGrant.objects.exclude(account=olga).update(last_used_at=at)
        assert practice_health.warn_due(now=at) == 1
        (ticket,) = Ticket.objects.all()
        assert (ticket.queue, ticket.practice_id, ticket.account) == (PORTAL, practice.pk, None)
        assert "soon no administrator" in ticket.messages.get().text
        assert any("Soon nobody is left" in mail.text for mail in inbox.all() if mail.to == olga.email)
        grants.end(account=olga, portal_key=PORTAL, reason="left", by=operator, now=at)
        assert practice_health.warn_due(now=at) == 1
        assert "no administrator any more" in Ticket.objects.order_by("-pk").first().messages.get().text

    def test_of_a_door_without_administrators_nobody_is_told(self, practice):
        """Whoever works behind Optum Pro's door is let in by its own administrator (C14): nobody runs them there."""
        MembershipFactory(grant=GrantFactory(portal_key="optum-pro"), practice=practice, role="front_office")
        assert practice_health.warn_due(now=NOW) == 0
        assert not PracticeWarning.objects.exists()

    def test_a_quiet_door_leaves_what_another_one_waits_for(self):
        """Both are one act to those who release it."""
        doors = [Door(PORTAL, IDLE, frozenset()), Door("optum-pro", IDLE, frozenset())]
        for number in range(51):
            MembershipFactory(
                grant=GrantFactory(account__realm=PORTAL, portal_key=PORTAL),
                practice=Practice.objects.create(name=f"P{number}"),
                role=ADMINISTRATOR,
            )
        for _ in range(2):
            assert domain.warn(doors, now=NOW) == 0
            assert MassAct.objects.get().state == MassAct.State.FROZEN

    def test_too_many_at_once_wait_for_two_people(self):
        """Policy: mass acts."""
        for number in range(51):
            MembershipFactory(
                grant=GrantFactory(account__realm=PORTAL, portal_key=PORTAL),
                practice=Practice.objects.create(name=f"P{number}"),
                role=ADMINISTRATOR,
            )
        assert practice_health.warn_due(now=NOW) == 0
        assert MassAct.objects.get().kind == "warn practices of administrators who leave"
        assert not PracticeWarning.objects.exists()

    def test_a_hand_over_mends_it(self, practice):
        olga, nora = administrator(practice), user(practice)
        at = NOW + IDLE - FIRST
        used(nora, at)
        assert state(practice, at) == State.ENDING
        row = asked(practice, olga, nora, now=at)
        hand_overs.sign(hand_over=row, typed_name="Nora Office", by=nora, now=at)
        assert state(practice, at) == State.ONE_LEFT

    def test_every_practice_in_few_queries(self, django_assert_max_num_queries):
        """However many there are: one query for all memberships."""
        for number in range(30):
            place = Practice.objects.create(name=f"P{number}")
            for _ in range(2):
                MembershipFactory(
                    grant=GrantFactory(account__realm=PORTAL, portal_key=PORTAL), practice=place, role=ADMINISTRATOR
                )
        with django_assert_max_num_queries(11):
            assert practice_health.warn_due(now=NOW) == 0


class TestToldAgain:
    """D-11, D-15: a desk that answers without mending the cause is told again, for as long as it lasts."""

    DAYS = lifecycle.after("practice_told_again")

    @pytest.fixture
    def told(self, practice, operator):
        """The ticket of a practice with a user and no administrator."""
        olga = administrator(practice)
        user(practice)
        grants.end(account=olga, portal_key=PORTAL, reason="left", by=operator, now=NOW)
        assert practice_health.warn_due(now=NOW) == 1
        return Ticket.objects.get()

    def answer(self, ticket, operator, now=NOW):
        tickets.close(ticket=ticket, answer="Nobody answered.", by=operator, now=now)

    @pytest.mark.parametrize(("late", "again"), [(-SECOND, 0), (0 * SECOND, 1), (SECOND, 1)])
    def test_after_its_days_to_the_second(self, told, operator, late, again):
        self.answer(told, operator)
        at = NOW + lifecycle.after("practice_told_again") + late
        assert practice_health.warn_due(now=at) == again
        assert Ticket.objects.count() == 1 + again
        assert told.later.count() == again, "the new ticket names the old one"

    def test_once_and_again_once_that_is_answered(self, told, operator):
        self.answer(told, operator)
        at = NOW + self.DAYS
        assert [practice_health.warn_due(now=at + days * self.DAYS) for days in range(3)] == [1, 0, 0]
        self.answer(told.later.get(), operator, now=at)
        assert practice_health.warn_due(now=at + self.DAYS) == 1
        assert PracticeWarning.objects.get(over_at=None).ticket.earlier.earlier == told

    def test_never_while_a_ticket_waits(self, told):
        assert practice_health.warn_due(now=NOW + 20 * self.DAYS) == 0

    def test_not_once_it_is_mended(self, told, practice, operator):
        self.answer(told, operator)
        administrator(practice, "second.admin")
        assert practice_health.warn_due(now=NOW + self.DAYS) == 1, "one is left: that is news"
        assert Ticket.objects.count() == 1

    def test_administrators_are_told_once(self, practice, operator):
        """They have read that soon nobody is left; a mail a week would teach them to read none."""
        administrator(practice)
        at = NOW + IDLE - FIRST
        assert practice_health.warn_due(now=at) == 1
        self.answer(Ticket.objects.get(), operator, now=at)
        mails = OutboxMessage.objects.filter(kind="rbac.PracticeWarningMail")
        assert mails.count() == 1
        assert practice_health.warn_due(now=at + self.DAYS) == 1
        assert (mails.count(), Ticket.objects.count()) == (1, 2)

    def test_of_two_processes_one_tells(self, told, practice):
        """Both have counted before either has written."""
        found = domain.of_all(portal_key=PORTAL, idle=IDLE, invited=(), now=NOW)
        assert domain._tell(practice, found[practice.pk], portal_key=PORTAL, now=NOW) is False
        assert (Ticket.objects.count(), PracticeWarning.objects.count()) == (1, 1)
