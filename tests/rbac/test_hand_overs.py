"""Who runs a practice's users passes on by two signatures, or by one and a call to the number on file (D-15)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from enrollment.models import Invitation
from identity.accounts import agreements
from identity.models import JournalEntry
from identity.policy import lifecycle
from identity.record.machine import NotPossible, ReasonMissing
from rbac.domain import approvals, hand_overs, memberships
from rbac.models import HandOver, Membership, Practice
from rbac.roles import ADMINISTRATOR, USER
from tests.conftest import make_staff
from tests.factories import NOW
from tests.steps.invitations import PORTAL, practice_user, user_invited
from tests.steps.practices import REASON, administrator, asked, lakeside, membership, user
from tests.together import together

pytestmark = pytest.mark.django_db
OPEN = lifecycle.after("hand_over_open")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def practice(db):
    return lakeside()


@pytest.fixture
def olga(practice):
    return administrator(practice)


@pytest.fixture
def nora(practice):
    return user(practice)


@pytest.fixture
def services(db):
    return make_staff("provider.services", "service desk", portals=(PORTAL,))


def running(practice, now=NOW):
    return memberships.administrators(practice, now=now)


def signed(row, by, now=NOW):
    return hand_overs.sign(hand_over=row, typed_name=by.get_full_name(), by=by, now=now)


def kinds(row):
    entries = JournalEntry.objects.filter(object_kind="rbac.handover", object_id=str(row.pk)).order_by("pk")
    return [kind.removeprefix("rbac.") for kind in entries.values_list("kind", flat=True)]


class TestTwoSignatures:
    def test_one_takes_over_and_the_other_leaves(self, practice, olga, nora, inbox):
        row = asked(practice, olga, nora)
        assert (row.state, running(practice)) == ("signed", [olga]), "one signature changes nothing"
        mail = inbox.newest("mail", nora.email)
        assert "Olga Adams asks you to look after the users of Lakeside Clinic" in mail.text
        assert f"/p/{PORTAL}/hand-over/{row.pk}/" in mail.text
        done = signed(row, nora, NOW + DAY)
        assert (done.state, done.to_name, running(practice, NOW + DAY)) == ("done", "Nora Office", [nora])
        assert not Membership.objects.current().filter(grant__account=olga).exists()
        assert kinds(row) == ["HandOverSigned", "HandOverDone"]
        told = [mail.to for mail in inbox.all() if "From now on Nora Office looks after" in mail.text]
        assert told == [olga.email], "who has just pressed reads it on the page"

    def test_or_goes_on_as_a_user(self, practice, olga, nora):
        signed(asked(practice, olga, nora, stays=True), nora)
        assert running(practice) == [nora]
        assert membership(olga, practice).role == USER

    def test_what_is_pending_passes_on(self, practice, olga, nora):
        """D-15: to whoever takes over, even where somebody has been there longer."""
        administrator(practice, "third.admin")
        invitation = user_invited("late@example.org", practice=practice, by=olga, now=NOW)
        signed(asked(practice, olga, nora), nora)
        assert Invitation.objects.get(pk=invitation.pk).owner == nora

    @pytest.mark.parametrize("typed", ["", "Somebody Else"])
    def test_a_signature_is_the_name(self, practice, olga, nora, typed):
        """S4-15: on both sides, and nothing happens by another one."""
        with pytest.raises(agreements.NameDiffers):
            hand_overs.ask(
                practice=practice, portal_key=PORTAL, to=membership(nora, practice).pk, stays=False,
                typed_name=typed, by=olga, now=NOW,
            )  # fmt: skip
        row = asked(practice, olga, nora)
        with pytest.raises(agreements.NameDiffers):
            hand_overs.sign(hand_over=row, typed_name=typed, by=nora, now=NOW)
        assert running(practice) == [olga]

    def test_nobody_signs_for_somebody_else(self, practice, olga, nora):
        row = asked(practice, olga, nora)
        for other in (olga, user(practice, "third.user")):
            with pytest.raises(hand_overs.NotYours):
                signed(row, other)

    def test_one_at_a_time(self, practice, olga, nora):
        asked(practice, olga, nora)
        with pytest.raises(hand_overs.AskedAlready):
            asked(practice, olga, user(practice, "third.user"))

    @pytest.mark.parametrize("by", ["olga", "nora"])
    def test_either_can_end_it(self, practice, olga, nora, by, inbox):
        presser, other = (olga, nora) if by == "olga" else (nora, olga)
        row = hand_overs.decline(hand_over=asked(practice, olga, nora), by=presser, now=NOW)
        assert (row.state, running(practice)) == ("declined", [olga])
        assert "declined or taken back" in inbox.newest("mail", other.email).text
        with pytest.raises(NotPossible):
            signed(row, nora)


class TestWhoMay:
    def test_only_who_runs_the_users_hands_over(self, practice, olga, nora):
        with pytest.raises(hand_overs.NotOfThePractice):
            asked(practice, nora, user(practice, "third.user"))

    def test_only_to_a_user_of_the_same_practice_whose_membership_counts(self, practice, olga):
        elsewhere = Practice.objects.create(name="Elsewhere")
        rests, other = user(practice, "rests"), user(elsewhere, "other")
        memberships.suspend(membership=membership(rests, practice), by=None, now=NOW)
        for pk in (membership(rests, practice).pk, membership(other, elsewhere).pk, membership(olga, practice).pk, 0):
            with pytest.raises(hand_overs.NotOfThePractice):
                hand_overs.ask(
                    practice=practice, portal_key=PORTAL, to=pk, stays=False, typed_name="Olga Adams", by=olga, now=NOW
                )

    @pytest.mark.parametrize("gone", ["olga", "nora"])
    def test_who_has_gone_meanwhile_takes_part_in_nothing(self, practice, olga, nora, gone):
        third = administrator(practice, "third.admin")
        row = asked(practice, olga, nora)
        leaves = olga if gone == "olga" else nora
        memberships.end(membership=membership(leaves, practice), by=None, now=NOW)
        with pytest.raises(hand_overs.NotOfThePractice):
            signed(row, nora)
        assert set(running(practice)) == {third, olga} - {leaves}


class TestProviderServices:
    """They break the glass after a call to the number on file, with a reason; all administrators are told."""

    def name(self, practice, to, by, reason=REASON, now=NOW):
        return hand_overs.name(
            practice=practice, portal_key=PORTAL, to=membership(to, practice).pk, reason=reason, by=by, now=now
        )

    def test_they_name_somebody_who_signs_and_nobody_loses_anything(self, practice, olga, nora, services, inbox):
        row = self.name(practice, nora, services)
        assert (row.state, running(practice)) == ("asked", [olga])
        assert "Nora Office is asked to look after its users" in inbox.newest("mail", olga.email).text
        assert "Provider Services called Lakeside Clinic and ask you" in inbox.newest("mail", nora.email).text
        assert signed(row, nora).state == "done"
        assert running(practice) == [olga, nora]
        assert kinds(row) == ["HandOverAsked", "HandOverDone"]
        entry = JournalEntry.objects.get(kind="rbac.HandOverAsked")
        assert (entry.by, entry.facts["reason"]) == (services, REASON)

    def test_where_nobody_is_left(self, practice, nora, services):
        assert running(practice) == []
        signed(self.name(practice, nora, services), nora)
        assert running(practice) == [nora]

    def test_they_stand_in_for_the_second_signature(self, practice, olga, nora, services):
        row = hand_overs.confirm(hand_over=asked(practice, olga, nora), reason=REASON, by=services, now=NOW)
        assert (row.state, row.confirmed_by, running(practice)) == ("done", services, [nora])

    def test_not_for_both(self, practice, nora, services):
        row = self.name(practice, nora, services)
        with pytest.raises(NotPossible):
            hand_overs.confirm(hand_over=row, reason=REASON, by=services, now=NOW)

    def test_with_a_reason_alone(self, practice, nora, services):
        with pytest.raises(ReasonMissing):
            self.name(practice, nora, services, reason="  ")

    @pytest.mark.parametrize(
        "known",
        [
            {"phone": ""},
            {"phone_on_file_since": None},
            {"phone_on_file_since": NOW - lifecycle.after("number_on_file") + timedelta(seconds=1)},
        ],
        ids=str,
    )
    def test_a_number_that_was_named_a_moment_ago_proves_nothing(self, practice, nora, services, known):
        Practice.objects.filter(pk=practice.pk).update(**known)
        with pytest.raises(hand_overs.NoNumberOnFile):
            self.name(practice, nora, services)

    @pytest.mark.parametrize(("late", "proves"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)])
    def test_a_number_proves_something_after_its_days(self, practice, nora, services, late, proves):
        since = NOW - lifecycle.after("number_on_file") - late
        Practice.objects.filter(pk=practice.pk).update(phone_on_file_since=since)
        practice.refresh_from_db()
        assert hand_overs.has_number_on_file(practice, now=NOW) is proves
        if proves:
            assert self.name(practice, nora, services).state == "asked"

    def test_staff_of_another_plan_may_not(self, practice, olga, nora):
        """D-28."""
        agent = make_staff("other.plan", "service desk", portals=("claims",))
        with pytest.raises(approvals.MayNotDecide):
            self.name(practice, nora, agent)
        with pytest.raises(approvals.MayNotDecide):
            hand_overs.confirm(hand_over=asked(practice, olga, nora), reason=REASON, by=agent, now=NOW)
        assert running(practice) == [olga]


class TestItsDays:
    @pytest.mark.parametrize(("late", "works"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
    def test_to_the_second_at_use(self, practice, olga, nora, late, works):
        row, at = asked(practice, olga, nora), NOW + lifecycle.after("hand_over_open") + late
        assert (hand_overs.opened(practice, portal_key=PORTAL, now=at) is not None) is works
        if works:
            assert signed(row, nora, at).state == "done"
        else:
            with pytest.raises(NotPossible):
                signed(row, nora, at)

    def test_the_job_writes_what_holds_and_tells_both(self, practice, olga, nora, inbox):
        row = asked(practice, olga, nora)
        assert hand_overs.lapse_due(now=NOW + OPEN - timedelta(seconds=1)) == 0
        assert hand_overs.lapse_due(now=NOW + OPEN) == 1
        row.refresh_from_db()
        assert (row.state, running(practice)) == ("lapsed", [olga])
        told = [mail.to for mail in inbox.all() if "was not signed in time" in mail.text]
        assert sorted(told) == [nora.email, olga.email]

    def test_what_has_lapsed_stands_in_nobodys_way(self, practice, olga, nora):
        before = asked(practice, olga, nora)
        after = asked(practice, olga, nora, now=NOW + OPEN)
        before.refresh_from_db()
        assert (before.state, after.state) == ("lapsed", "signed")


@pytest.mark.parametrize(
    "wrong",
    [
        {"to_account": "olga"},
        {"from_account": None, "from_signed_at": None},
        {"state": "done", "ended_at": NOW},
        {"state": "declined"},
        {"ended_at": NOW},
        {"confirmed_at": NOW},
    ],
    ids=str,
)
def test_the_database_takes_no_hand_over_that_two_did_not_agree_to(practice, olga, nora, wrong):
    row = asked(practice, olga, nora)
    changes = {name: olga if value == "olga" else value for name, value in wrong.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(pk=row.pk).update(**changes)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_a_signature_and_its_taking_back_at_once_one_counts(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)
    for turn in range(6):
        practice = lakeside()
        olga, nora = administrator(practice, f"olga{turn}"), user(practice, f"nora{turn}")
        row = asked(practice, olga, nora)
        acts = [
            lambda row=row, nora=nora: signed(row, nora),
            lambda row=row, olga=olga: hand_overs.decline(hand_over=row, by=olga, now=NOW),
        ]

        def press(acts=acts):
            try:
                return acts.pop()().state
            except NotPossible:
                return "late"

        answers = together(press, threads=2)
        row.refresh_from_db()
        assert sorted(answers) == sorted(["late", row.state])
        assert running(practice) == ([nora] if row.state == "done" else [olga])


def test_an_administrator_of_another_portal_runs_nothing_here(practice, nora):
    """The door counts: a role behind another one is nobody's business here."""
    other = practice_user(practice, "other.door", role=ADMINISTRATOR)
    Membership.objects.filter(grant__account=other).update(role=USER)
    with pytest.raises(hand_overs.NotOfThePractice):
        asked(practice, other, nora)
