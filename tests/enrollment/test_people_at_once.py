"""What two people of a practice do at once. On PostgreSQL: SQLite has one writer at a time."""

from collections import Counter

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from enrollment.domain import acceptance, pending_users, people
from enrollment.domain.invitation_links import InvitationEnded
from enrollment.domain.invitations import Invitee
from enrollment.domain.people import Office
from enrollment.models import Invitation
from identity.accounts.accounts import SignUp
from identity.models import Account
from identity.record.machine import NotPossible
from rbac.domain import memberships
from rbac.models import Membership, Practice
from rbac.roles import ADMINISTRATOR
from tests.steps.invitations import PORTAL, practice_user, user_invited
from tests.together import turn_by_turn

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
NO_PASSWORD = make_password(None)


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)


@pytest.fixture
def office(db) -> Office:
    return Office(practice=Practice.objects.create(name="Lakeside Clinic"), portal_key=PORTAL)


def administrators(office: Office) -> list[Account]:
    return [practice_user(office.practice, name, role=ADMINISTRATOR) for name in ("olga.admin", "sam.admin")]


@pytest.mark.parametrize("name", ["remove", "deactivate"])
def test_two_administrators_who_remove_each_other_leave_one(office, name):
    """Leap 2: whoever comes second runs the practice no longer."""
    pair = administrators(office)
    keys = [Membership.objects.get(grant__account=one).pk for one in pair]

    def act(by: int):
        def run() -> str:
            try:
                getattr(people, name)(office=office, pk=keys[1 - by], by=pair[by], now=timezone.now())
            except people.NotAdministrator:
                return "too late"
            return "done"

        return run

    for _round in range(5):
        answers = turn_by_turn(act(0), act(1))
        assert Counter(answers) == {"done": 1, "too late": 1}
        assert office.administrators(now=timezone.now()).count() == 1
        Membership.objects.filter(pk__in=keys).update(until=None, suspended_at=None, suspended_by=None, ended_by=None)
        Membership.objects.first().grant.__class__.objects.update(until=None, ended_by=None)


def test_two_who_leave_at_once_leave_one(office):
    pair = administrators(office)

    def leave(account: Account):
        def run() -> str:
            pk = Membership.objects.get(grant__account=account).pk
            try:
                people.remove(office=office, pk=pk, by=account, now=timezone.now())
            except memberships.LastAdministrator:
                return "last"
            return "left"

        return run

    assert Counter(turn_by_turn(*map(leave, pair))) == {"left": 1, "last": 1}


def test_a_cancellation_and_an_acceptance_have_one_outcome_and_wait_for_each_other(office):
    """Both lock the invitation before the practice: no deadlock, one winner (S4-21)."""
    owner, _other = administrators(office)
    for number in range(5):
        row = user_invited(f"nora{number}@example.org", practice=office.practice, by=owner)
        proof = acceptance.send_code(invitation=row, account=None, now=timezone.now())

        def accept(row=row, proof=proof, number=number) -> str:
            sign_up = SignUp(PORTAL, f"nora{number}", "Nora", "Office", None, row.email, "", "", "en")
            try:
                acceptance.accept_as_new(
                    invitation=row, sign_up=sign_up, password_hash=NO_PASSWORD, proof=proof, now=timezone.now()
                )
            except InvitationEnded:
                return "too late"
            return "accepted"

        def cancel(row=row) -> str:
            try:
                pending_users.cancel(office=office, invitation=row, by=owner, now=timezone.now())
            except (InvitationEnded, NotPossible):
                return "too late"
            return "canceled"

        answers = turn_by_turn(accept, cancel)
        row.refresh_from_db()
        assert sorted(answers) == sorted([row.state, "too late"])


def test_whoever_leaves_while_they_invite_leaves_nothing_to_nobody(office):
    """D-15: the invitation is theirs and passes on, or it is never made."""
    leaver, heir = administrators(office)
    pk = Membership.objects.get(grant__account=leaver).pk

    def invite() -> str:
        try:
            people.create(office=office, invitee=Invitee(email="nora@example.org"), by=leaver, now=timezone.now())
        except people.NotAdministrator:
            return "too late"
        return "invited"

    def leave() -> str:
        people.remove(office=office, pk=pk, by=heir, now=timezone.now())
        return "left"

    turn_by_turn(invite, leave)
    assert set(Invitation.objects.values_list("owner", flat=True)) <= {heir.pk}
