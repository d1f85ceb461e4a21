"""Once a year a practice says who still works for it; silence lets rest, reversibly (D-11, D-15)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from enrollment.domain import people
from enrollment.domain import reviews as acts
from enrollment.domain.people import Office
from enrollment.models import Invitation
from identity.merging import merges
from identity.models import Account, JournalEntry, MassAct, OutboxMessage
from identity.policy import lifecycle
from identity.record.machine import NotPossible
from rbac.domain import grants, memberships, reviews
from rbac.models import AccessGrant, Membership, Practice, Review, ReviewLine
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory
from tests.steps.invitations import PORTAL, practice_user, user_invited
from tests.steps.merges import proof_of
from tests.steps.practices import administrator, lakeside, membership, user
from tests.steps.reviews import DAY, begun, held, left, line_of, named, staffed, used

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
EVERY, ANSWER, REMINDER = (lifecycle.after(f"review_{name}") for name in ("every", "answer", "reminder"))


@pytest.fixture
def practice(db) -> Practice:
    return staffed()


@pytest.fixture
def olga(practice) -> Account:
    return named("olga.admin")


@pytest.fixture
def sam(practice) -> Account:
    return named("sam.admin")


def office(practice: Practice) -> Office:
    return Office(practice=practice, portal_key=PORTAL)


def say(review: Review, by: Account, now=NOW, **answers: str) -> Review:
    """`ann="keep"` answers for ann.unused and so on."""
    lines = {row.membership.grant.account.login_name: row.pk for row in review.lines.all()}
    given = {lines[name]: said for short, said in answers.items() for name in lines if name.startswith(f"{short}.")}
    return acts.answer(office=office(review.practice), review=review, answers=given, by=by, now=now)


def opened(now) -> list[str]:
    acts.go_on(now=now)
    return sorted(row.practice.name for row in Review.objects.filter(opened_at=now).select_related("practice"))


def stamped(kind: str) -> int:
    return JournalEntry.objects.filter(kind=f"rbac.{kind}").count()


class TestOpening:
    @pytest.mark.parametrize(("late", "due"), [(-SECOND, []), (timedelta(0), ["Lakeside Clinic"])])
    def test_a_year_after_the_first_administrator_to_the_second(self, practice, late, due):
        assert opened(NOW + lifecycle.after("review_every") + late) == due

    @pytest.mark.parametrize(("late", "due"), [(-SECOND, []), (timedelta(0), ["Lakeside Clinic"])])
    def test_and_after_the_last_one(self, practice, olga, late, due):
        first = begun(practice, NOW + 100 * DAY)
        say(first, olga, NOW + 101 * DAY, ann="keep", ben="keep", cyd="keep")
        assert opened(NOW + 100 * DAY + EVERY + late) == due

    def test_one_at_a_time(self, practice):
        row = begun(practice)
        assert reviews.begin(practice=practice, portal_key=PORTAL, now=NOW + DAY) is None
        assert Review.objects.get() == row
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(practice=practice, portal_key=PORTAL, state="open", opened_at=NOW, due_at=NOW + DAY)

    def test_each_line_says_why(self, practice):
        """Unused and unknown, by name, then who leaves and who is in use; a form is not the practice's own word."""
        causes = dict(begun(practice).lines.values_list("membership__grant__account__login_name", "cause"))
        assert causes == {
            "ann.unused": "unused", "ben.never": "never used", "cyd.form": "by form", "dee.leaves": "temporary",
            "eve.daily": "in use", "olga.admin": "in use", "sam.admin": "in use",
        }  # fmt: skip

    @pytest.mark.parametrize(("late", "cause"), [(timedelta(0), "unused"), (SECOND, "in use")])
    def test_unused_is_ninety_days_to_the_second(self, practice, late, cause):
        used(named("eve.daily"), NOW - lifecycle.after("review_unused") + late)
        assert line_of(begun(practice), "eve.daily").cause == cause

    def test_who_does_not_work_there_now_is_not_on_it(self, practice):
        """Deactivated, past the last day, removed; access that rests for want of use is."""
        memberships.suspend(membership=held("ann.unused", practice), by=None, now=NOW)
        Membership.objects.filter(pk=held("dee.leaves", practice).pk).update(ends_on=(NOW - 2 * DAY).date())
        memberships.end(membership=held("cyd.form", practice), by=None, now=NOW)
        AccessGrant.objects.filter(account=named("ben.never")).update(suspended_at=NOW)
        names = begun(practice).lines.values_list("membership__grant__account__login_name", flat=True)
        assert sorted(names) == ["ben.never", "eve.daily", "olga.admin", "sam.admin"]

    def test_its_administrators_are_told_once(self, practice, inbox):
        now = NOW + EVERY
        with_nobody_new = [opened(now), opened(now + DAY)]
        assert with_nobody_new == [["Lakeside Clinic"], []]
        told = [mail.to for mail in inbox.all() if "Please look through the users of Lakeside Clinic" in mail.text]
        assert Counter(told) == Counter([named("olga.admin").email, named("sam.admin").email])
        assert f"/p/{PORTAL}/security/{practice.pk}/review/" in inbox.newest("mail", told[0]).text
        assert stamped("ReviewOpened") == 1

    def test_nobody_is_asked_where_nobody_else_works_or_nobody_can_answer(self, db):
        alone, without = PracticeFactory(name="Alone"), PracticeFactory(name="Without")
        administrator(alone)
        gone = administrator(without, "gone.admin")
        user(without, "left.behind")
        Membership.objects.filter(grant__account=gone).update(suspended_at=NOW)
        assert opened(NOW + EVERY) == []

    def test_a_portal_that_does_not_work_by_practice_has_none(self, practice):
        AccessGrant.objects.update(portal_key="claims")
        assert opened(NOW + EVERY) == []

    def test_who_was_kept_is_known_from_then_on(self, practice, olga):
        """By form: the practice has said once that it knows them."""
        say(begun(practice), olga, ann="keep", ben="keep", cyd="keep")
        later = NOW + EVERY
        Membership.objects.update(last_used_at=later - DAY)
        assert line_of(begun(practice, later), "cyd.form").cause == "in use"


class TestAnswering:
    def test_keep_deactivate_and_remove(self, practice, olga, inbox):
        row = say(begun(practice), olga, NOW + DAY, ann="keep", ben="suspend", cyd="remove", eve="suspend")
        assert (row.state, row.ended_at) == ("answered", NOW + DAY)
        assert held("ann.unused", practice).suspended_at is None
        assert [held(name, practice).suspended_by for name in ("ben.never", "eve.daily")] == [olga, olga]
        assert not Membership.objects.current().filter(grant__account=named("cyd.form")).exists()
        assert "You no longer work for Lakeside Clinic" in inbox.newest("mail", named("cyd.form").email).text
        said = {line.membership.grant.account.login_name: line.answer for line in row.lines.all()}
        assert said == {
            "ann.unused": "keep", "ben.never": "suspend", "cyd.form": "remove", "dee.leaves": "keep",
            "eve.daily": "suspend", "olga.admin": "", "sam.admin": "keep",
        }  # fmt: skip
        assert set(row.lines.exclude(answer="").values_list("answered_by", "answered_at")) == {(olga.pk, NOW + DAY)}
        reasons = JournalEntry.objects.filter(kind__in=["rbac.MembershipSuspended", "rbac.MembershipEnded"])
        assert {entry.facts["reason"] for entry in reasons} == {"review"}
        assert stamped("ReviewAnswered") == 1

    def test_of_who_must_be_answered_for_nothing_is_guessed(self, practice, olga):
        row = say(begun(practice), olga, ann="keep")
        assert (row.state, left(row)) == ("open", ["cyd.form", "ben.never"]), "by last name"
        assert line_of(row, "eve.daily").answer == "keep", "whoever is in use needs no press"

    def test_twice_is_over(self, practice, olga, sam):
        row = begun(practice)
        say(row, olga, ann="keep", ben="keep", cyd="keep")
        with pytest.raises(NotPossible):
            say(row, sam, ann="remove", ben="remove", cyd="remove")
        assert Membership.objects.open_at(NOW).of(practice).count() == 7

    def test_the_first_answer_counts(self, practice, olga, sam):
        row = begun(practice)
        say(row, olga, ann="keep")
        say(row, sam, ann="remove", ben="keep", cyd="keep", eve="remove")
        assert held("ann.unused", practice).suspended_at is None
        assert held("eve.daily", practice).until is None
        assert line_of(row, "ben.never").answered_by == sam

    def test_whoever_came_back_meanwhile_is_not_asked_about(self, practice):
        row = begun(practice)
        for name in ("ann.unused", "ben.never", "cyd.form"):
            used(named(name), NOW + DAY)
        assert left(row, NOW + DAY) == ["cyd.form"], "how they came in is no other for that"

    def test_who_is_gone_meanwhile_stays_gone(self, practice, olga):
        """A stale page: the line has no answer, and nobody waits for one."""
        row = begun(practice)
        memberships.end(membership=held("ann.unused", practice), by=None, now=NOW)
        memberships.suspend(membership=held("ben.never", practice), by=None, now=NOW)
        grant = AccessGrant.objects.get(account=named("cyd.form"))
        grants.end(account=grant.account, portal_key=PORTAL, reason="stolen", by=None, now=NOW)
        done = say(row, olga, ann="keep", ben="keep", cyd="keep")
        assert done.state == "answered"
        assert {line_of(row, name).answer for name in ("ann.unused", "ben.never", "cyd.form")} == {""}
        assert held("ben.never", practice).suspended_at == NOW, "an answer wakes nobody"

    def test_nobody_answers_for_themselves(self, practice, olga, sam):
        """The other one does; where there is none, nobody."""
        used(olga, None)
        row = say(begun(practice), olga, olga="keep", ann="keep", ben="keep", cyd="keep")
        assert (row.state, left(row)) == ("open", ["olga.admin"])
        with pytest.raises(people.NotAdministrator):
            say(row, named("eve.daily"), olga="remove")
        assert say(row, sam, olga="suspend").state == "answered"
        assert held("olga.admin", practice).suspended_by == sam

    def test_the_only_administrator_is_asked_about_by_nobody(self, practice, olga, sam):
        memberships.end(membership=held("sam.admin", practice), by=None, now=NOW)
        used(olga, None)
        done = say(begun(practice), olga, olga="remove", ann="keep", ben="keep", cyd="keep")
        assert done.state == "answered"
        assert memberships.administrators(practice, now=NOW) == [olga]

    @pytest.mark.parametrize("gone", ["end", "suspend"])
    def test_whose_membership_ended_while_the_page_was_open_answers_nothing(self, practice, olga, gone):
        row = begun(practice)
        getattr(memberships, gone)(membership=held("olga.admin", practice), by=None, now=NOW)
        with pytest.raises(people.NotAdministrator):
            say(row, olga, ann="remove")
        assert held("ann.unused", practice).until is None

    def test_nobody_answers_for_another_practice(self, practice):
        stranger = administrator(PracticeFactory(), "other.admin")
        with pytest.raises(people.NotAdministrator):
            say(begun(practice), stranger, ann="remove")

    @pytest.mark.parametrize(("late", "open_"), [(-SECOND, True), (timedelta(0), False)])
    def test_its_days_to_the_second(self, practice, olga, late, open_):
        row, at = begun(practice), NOW + lifecycle.after("review_answer") + late
        assert (reviews.waiting(practice=practice, portal_key=PORTAL, now=at) is not None) is open_
        if open_:
            assert say(row, olga, at, ann="keep", ben="keep", cyd="keep").state == "answered"
            return
        with pytest.raises(NotPossible):
            say(row, olga, at, ann="keep")

    def test_what_an_administrator_has_pending_passes_on(self, practice, olga, sam):
        """D-15: of one who is removed in a review too."""
        invitation = user_invited("late@example.org", practice=practice, by=sam, now=NOW)
        say(begun(practice), olga, sam="remove")
        assert Invitation.objects.get(pk=invitation.pk).owner == olga


class TestSilence:
    @pytest.mark.parametrize(("late", "state"), [(-SECOND, "open"), (timedelta(0), "unanswered")])
    def test_to_the_second(self, practice, late, state):
        row = begun(practice)
        acts.go_on(now=NOW + lifecycle.after("review_answer") + late)
        row.refresh_from_db()
        assert row.state == state

    def test_lets_rest_who_is_unused_or_unknown_and_nobody_else(self, practice, inbox):
        row, over = begun(practice), NOW + ANSWER
        acts.go_on(now=over)
        rests = Membership.objects.of(practice).filter(suspended_at=over, suspended_by=None, until=None)
        names = sorted(rests.values_list("grant__account__login_name", flat=True))
        assert names == ["ann.unused", "ben.never", "cyd.form"]
        for name in names:
            assert "nobody said that you still need it" in inbox.newest("mail", named(name).email).text
            assert (line_of(row, name).answer, line_of(row, name).answered_by) == ("suspend", None)
        for name in ("olga.admin", "sam.admin"):
            text = inbox.newest("mail", named(name).email).text
            assert "3 users were deactivated" in text
        assert stamped("ReviewUnanswered") == 1
        assert stamped("MembershipEnded") == 0

    def test_an_administrator_lets_them_go_on(self, practice, olga):
        begun(practice)
        acts.go_on(now=NOW + ANSWER)
        rests = held("ann.unused", practice)
        people.reactivate(office=office(practice), pk=rests.pk, by=olga, now=NOW + ANSWER)
        assert Membership.objects.open_at(NOW + ANSWER).filter(pk=rests.pk).exists()

    def test_whoever_came_back_is_left_alone(self, practice):
        begun(practice)
        used(named("ann.unused"), NOW + DAY)
        acts.go_on(now=NOW + ANSWER)
        assert held("ann.unused", practice).suspended_at is None

    def test_of_administrators_the_one_who_was_there_last_stays(self, practice, olga, sam):
        """D-15: silence never leaves a practice to nobody."""
        used(olga, NOW - 200 * DAY)
        used(sam, NOW - 100 * DAY)
        begun(practice)
        acts.go_on(now=NOW + ANSWER)
        assert memberships.administrators(practice, now=NOW + ANSWER) == [sam]

    def test_not_even_to_administrators_whose_access_rests(self, practice, olga, sam):
        used(olga, None)
        AccessGrant.objects.filter(account__in=[olga, sam]).update(suspended_at=NOW)
        memberships.end(membership=held("sam.admin", practice), by=None, now=NOW)
        begun(practice)
        acts.go_on(now=NOW + ANSWER)
        assert held("olga.admin", practice).suspended_at is None

    def test_touches_neither_account_nor_other_practice(self, practice):
        """One account that works for two practices, unused in both."""
        ann, other = named("ann.unused"), PracticeFactory(name="Other")
        grant = AccessGrant.objects.get(account=ann)
        memberships.open(grant=grant, practice=other, role="user", origin="staff", by=None, now=NOW)
        used(ann, None)
        begun(practice)
        acts.go_on(now=NOW + ANSWER)
        assert membership(ann, practice).suspended_at == NOW + ANSWER
        assert membership(ann, other).suspended_at is None
        grant.refresh_from_db()
        ann.refresh_from_db()
        assert (grant.until, grant.suspended_at, ann.is_active) == (None, None, True)

    @pytest.mark.parametrize(("late", "mails"), [(-SECOND, 0), (timedelta(0), 2)])
    def test_a_reminder_once_to_the_second(self, practice, inbox, late, mails):
        begun(practice)
        at = NOW + ANSWER - lifecycle.after("review_reminder") + late
        for moment in (at, at):
            acts.go_on(now=moment)
        told = [mail.to for mail in inbox.all() if mail.subject == "Reminder: who still works for Lakeside Clinic?"]
        assert len(told) == mails

    def test_what_was_answered_needs_no_reminder_and_no_end(self, practice, olga, inbox):
        say(begun(practice), olga, ann="keep", ben="keep", cyd="keep")
        acts.go_on(now=NOW + ANSWER - REMINDER)
        acts.go_on(now=NOW + ANSWER)
        assert Review.objects.get().state == "answered"
        assert not [mail for mail in inbox.all() if "Reminder" in mail.subject]


class TestManyAtOnce:
    """policy: mass acts. A job that would touch too many waits for two people."""

    def test_reviews_of_too_many_practices_are_not_opened(self, db):
        for number in range(51):
            practice = PracticeFactory(name=f"Practice {number}")
            practice_user(practice, f"admin{number}", role=ADMINISTRATOR)
            user(practice, f"user{number}")
        acts.go_on(now=NOW + EVERY)
        assert not Review.objects.exists()
        act = MassAct.objects.get()
        assert (act.kind, act.counted, act.allowed) == ("open reviews of practices", 51, 50)

    def test_nor_are_too_many_people_deactivated(self, db):
        """Counted by person: one practice of many is many."""
        practice = lakeside()
        administrator(practice)
        for number in range(51):
            user(practice, f"user{number}")
        begun(practice)
        acts.go_on(now=NOW + ANSWER)
        assert not Membership.objects.filter(suspended_at__isnull=False).exists()
        assert MassAct.objects.get(kind="deactivate people whom no review confirmed").counted == 52
        assert reviews.waiting(practice=practice, portal_key=PORTAL, now=NOW + ANSWER) is None, "over all the same"


class TestRows:
    def test_an_answer_has_its_moment_and_silence_only_suspends(self, practice, olga):
        line = line_of(begun(practice), "ann.unused")
        for wrong in ({"answer": "keep"}, {"answered_at": NOW}, {"answer": "remove", "answered_at": NOW}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ReviewLine.objects.filter(pk=line.pk).update(**wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            ReviewLine.objects.create(review=line.review, membership=line.membership, cause="unused")


@pytest.mark.parametrize("keeps_first", [True, False])
def test_a_line_goes_with_its_membership_when_two_ids_become_one(keeps_first):
    """D-17, D-29: one person, one question; what rested behind the other grant is no question any more."""
    harbor, bay = PracticeFactory(name="Harbor"), PracticeFactory(name="Bay")
    first, second = AccountFactory(login_name="first.id"), AccountFactory(login_name="second.id")
    mine, theirs = GrantFactory(account=first), GrantFactory(account=second)
    for grant, practice in ((mine, harbor), (theirs, harbor), (theirs, bay)):
        MembershipFactory(grant=grant, practice=practice)
    rounds = [reviews.begin(practice=practice, portal_key="claims", now=NOW) for practice in (harbor, bay)]
    kept = first if keeps_first else second
    choices = {clash.key: kept.pk for clash in merges.clashes(first, second)}
    proof = proof_of(first, second, NOW)
    merges.merge(survivor=first, absorbed=second, choices=choices, proof=proof, by=first, now=NOW)
    assert [left(row) for row in rounds] == [["first.id"], ["first.id"]]


@pytest.mark.django_db(transaction=True)
def test_answers_and_their_mails_are_committed():
    now = timezone.now()
    practice = staffed(now)
    row = begun(practice, now)
    done = say(row, named("olga.admin"), now, ann="remove", ben="suspend", cyd="keep")
    assert Review.objects.get(pk=row.pk).state == done.state == "answered"
    sent = OutboxMessage.objects.filter(kind__in=["rbac.ReviewMail", "rbac.MembershipEndedMail"])
    assert Counter(sent.values_list("kind", flat=True)) == {"rbac.ReviewMail": 2, "rbac.MembershipEndedMail": 1}
