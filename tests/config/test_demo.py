"""What a newcomer finds in the demo: a request in every state, a ticket, a reset under way, a list to import, practices
with everybody that a practice has."""

from datetime import timedelta

import pytest
from django.db.models import Count
from django.utils import timezone

from accessforms.domain import conflicts
from accessforms.models import Submission
from config.demo import clinicians, documents, old_accounts, people, place, practices, registrations, stamp
from enrollment.domain import (
    clinician_search,
    invitation_links,
    pending_users,
    practice_health,
    practice_inquiries,
)
from enrollment.domain import clinicians as asked
from enrollment.domain import people as office_people
from enrollment.domain.invitation_links import Standing
from enrollment.domain.people import Office
from enrollment.models import Invitation, State
from identity.models import Account, FactorReset, StoredFile, Ticket
from portals import registry
from portals.inside.domain import certificate_ends
from portals.inside.domain import courses as courses_domain
from portals.legacy import legacy_imports
from portals.models import Attempt, CourseVersion, Document, LegacyAccount, LegacyImport
from rbac.domain import grid_changes, grid_versions, hand_overs, mandates, memberships, reviews
from rbac.models import AccessGrant, Mandate, Membership, Practice, PracticeState

pytestmark = pytest.mark.django_db


def test_the_demo_shows_a_request_in_every_state_a_ticket_and_a_reset():
    """Walk, section 5, an engineer's ninth: whoever looks need not first play through all stories."""
    people.seed()
    assert set(Submission.objects.values_list("state", flat=True)) == set(Submission.State.values)
    assert Ticket.objects.filter(status=Ticket.Status.OPEN).count() == 1
    assert Ticket.objects.unread_by(Account.objects.get(login_name="kim")).count() == 1
    assert FactorReset.objects.filter(state=FactorReset.State.STARTED).count() == 1


def test_the_printed_people_are_the_accounts_that_there_are():
    people.seed()
    people.seed()  # a second start makes nobody anew
    assert set(Account.objects.values_list("login_name", flat=True)) == {one.login_name for one in people.PEOPLE}


def test_the_list_to_import_is_taken_whole_and_removed_by_a_fresh_start():
    """Walk, section 5, an operator's tenth. Its people are none of those that are there already."""
    people.seed()
    content, now = old_accounts.sample_list(), timezone.now()
    found = legacy_imports.begin(
        source_key="trucase", file_name=old_accounts.SAMPLE_LIST, digest="d", size=len(content), now=now
    )
    for _rows in legacy_imports.go_on(found=found, blocks=[content], clock=lambda: now):
        pass
    names = [name for name, *_rest in old_accounts.TO_IMPORT]
    assert LegacyAccount.objects.filter(source="trucase", login_name__in=names).count() == len(names)
    assert old_accounts.SAMPLE_LIST in place.MADE_HERE
    assert LegacyImport.objects.filter(pk=found.pk).exists()


def test_the_clinic_has_people_in_every_standing_and_a_hand_over_to_sign():
    """Issue 13: two administrators, one of them near the 90 days (D-11, D-15)."""
    people.seed()
    now, clinic = timezone.now(), _practice(practices.LAKESIDE)
    health = practice_health.of(clinic.practice, portal_key=practices.PORTAL, now=now)
    assert (health.state, len(health.administrators)) == (PracticeState.ONE_NEAR, 2)
    standings = {row.grant.account.login_name: office_people.standing(row, now=now) for row in clinic.members()}
    assert standings.pop(practices.DEACTIVATED) == office_people.Standing.SUSPENDED
    assert set(standings.values()) == {office_people.Standing.ACTIVE}
    unused = clinic.members().filter(last_used_at=None).values_list("grant__account__login_name", flat=True)
    assert set(unused) == {"gus", "wes"}
    assert [row.grant.account.login_name for row in clinic.members().exclude(ends_on=None)] == ["theo"]
    found = hand_overs.opened(clinic.practice, portal_key=practices.PORTAL, now=now)
    assert found is not None
    assert found.to_account.login_name == practices.FOLLOWER


def test_a_review_waits_with_somebody_unused_somebody_unknown_and_somebody_in_use():
    """Issue 13, D-11."""
    people.seed()
    now, therapy = timezone.now(), _practice(practices.REVIEWED)
    review = reviews.waiting(practice=therapy.practice, portal_key=practices.PORTAL, now=now)
    assert review is not None
    causes = dict(review.lines.values_list("membership__grant__account__login_name", "cause"))
    assert causes == {"una": "unused", "wes": "never used", "jon": "by form", "ruth": "in use", "uma": "in use"}


def test_one_invitation_ends_after_its_mail_went_out_and_one_has_lapsed():
    """C10, S4-23: whoever follows the link in the inbox reads that it ended."""
    people.seed()
    now, kim = timezone.now(), Account.objects.get(login_name=practices.ADMINISTRATOR)
    gil = Invitation.objects.get(email="gil.torres@example.org")
    assert invitation_links.standing(gil, now=now) == Standing.OPEN
    assert invitation_links.standing(gil, now=now + timedelta(minutes=practices.ENDS_WITHIN)) == Standing.LINK_ENDED
    assert Invitation.objects.get(state=State.LAPSED).email == "ada.flint@example.org"
    listed = pending_users.page(office=_practice(practices.LAKESIDE), owner=kim, now=now).rows
    assert {row.invitation.email for row in listed} == {
        "nora.lindqvist@example.org", "bounce@example.org", "gil.torres@example.org",
    }  # fmt: skip


def test_a_sole_practitioner_cannot_leave_and_somebody_runs_two_practices():
    """D-11, D-15."""
    people.seed()
    now = timezone.now()
    sole = Membership.objects.current().get(grant__account__login_name="sol")
    with pytest.raises(memberships.LastAdministrator):
        memberships.end(membership=sole, by=sole.grant.account, now=now)
    held = memberships.for_account(Account.objects.get(login_name="uma"))
    assert [row.role for row in held] == ["user", "administrator", "administrator"]


def test_ask_my_practice_reaches_the_administrators_by_the_tax_id_of_the_readme():
    """D-25: the demo's tax IDs are attested."""
    people.seed()
    _name, digits, *_rest = practices.PRACTICES[0]
    practice_inquiries.ask(
        portal_key=practices.PORTAL, name="Ann", email="ann@example.org", digits=digits, kind="EIN", now=timezone.now()
    )
    assert practice_inquiries.pass_on_all(now=timezone.now()) == 2
    readme = (stamp.ROOT / "README.md").read_text()
    assert digits in readme


def test_the_desk_reads_made_up_registers_beside_a_registration():
    """S2-15: a right number, one of another person, a deactivated one, an unknown one, and an exclusion."""
    people.seed()
    submission = Submission.objects.get(portal_key="optum-pro", account__login_name="grace.lin")
    now = timezone.now()
    facts = conflicts.facts_of(submission, submission.answers, portals={"optum-pro"}, now=now)
    own, other, gone, unknown = (fact for fact, _requests in facts.npis)
    assert all(fact.has_check_digit for fact in (own, other, gone, unknown))
    assert (own.other_name, other.other_name, len(other.listed)) == (False, True, 1)
    assert gone.record is not None
    assert not gone.record.is_active
    assert unknown.record is None


def _practice(name: str) -> Office:
    return Office(practice=Practice.objects.get(name=name), portal_key=practices.PORTAL)


def test_somebody_in_california_is_asked_for_clinicians():
    """S2-21: the first log-in is still to come, and there is whom to choose."""
    people.seed()
    grant = AccessGrant.objects.get(account__login_name=clinicians.PERSON)
    row = grant.memberships.get()
    assert asked.concern(registry.get(clinicians.PORTAL), [row])
    assert asked.is_due(grant)
    assert len(clinician_search.find("", practices=[row.practice_id]).rows) == len(clinicians.OF_PRACTICE)
    assert [one.name for one in clinician_search.find("okafor", practices=()).rows] == [
        "Amélie Okafor, MD", "Diego Okafor, DO",
    ]  # fmt: skip


def test_optum_pro_has_three_roles_in_two_markets_and_a_registration_in_every_standing():
    """Issue 14: late, waiting, returned, a vendor's (S2-11, S2-17, S2-20, S3-10)."""
    people.seed()
    held = Membership.objects.current().filter(grant__portal_key=registrations.PORTAL)
    pairs = {(row.grant.account.login_name, row.role, row.market) for row in held}
    assert pairs == {
        ("cal.vega", "front_office", "CA"),
        (registrations.WORKS_FOR, "billing_specialist", "TX"),
        *((name, role, market) for name, role, market, _tin in (*registrations.APPROVED, registrations.TWO_MARKETS)),
    }
    assert {row.practice.name for row in held} >= {name for name, _tin in registrations.PRACTICES}
    waiting = Submission.objects.in_portal(registrations.PORTAL).filter(state=Submission.State.SUBMITTED)
    told = waiting.exclude(late_told_at=None).values_list("account__login_name", flat=True)
    assert list(told) == [registrations.LATE]
    names = set(waiting.values_list("account__login_name", flat=True))
    assert names >= {registrations.LATE, registrations.WAITING, registrations.VENDOR}
    returned = Submission.objects.in_portal(registrations.PORTAL).get(state=Submission.State.RETURNED)
    assert returned.account.login_name == registrations.RETURNED


def test_a_vendor_works_for_one_practice_and_waits_for_the_desk_with_another():
    """S3-10: one agreed, and can end it; of the other nobody could, so the desk calls."""
    people.seed()
    now = timezone.now()
    agreed = Mandate.objects.get(state=Mandate.State.AGREED)
    assert agreed.agreed_by.login_name == registrations.AGREES
    under = Membership.objects.current().get(mandate=agreed)
    assert under.grant.account.login_name == registrations.WORKS_FOR
    waits = Mandate.objects.get(mandates.for_desk(now=now))
    assert waits.practice.name == "Bayview Specialty Group"


def test_a_version_of_the_grid_waits_for_the_other_operator():
    """S2-33: one proposed it, the other publishes it; somebody of the demo gains by it, and somebody loses."""
    people.seed()
    now, version = timezone.now(), grid_versions.waiting()
    assert version is not None
    told = grid_changes.preview(version, now=now)
    assert (told.gaining, told.losing) == (2, 1)  # the vendor's Billing Specialist too
    other = Account.objects.get(login_name=registrations.PUBLISHER)
    assert grid_versions.publish(version=version, by=other, now=now).state == version.State.PUBLISHED


def test_courses_to_take_to_renew_and_to_publish():
    """S3-06: two courses with four lessons and six questions each, in both languages."""
    people.seed()
    read = CourseVersion.objects.filter(state="published")
    assert {(one.lessons.count(), one.questions.count()) for one in read} == {(4, 6)}
    for one in read:
        courses_domain.check_complete(one)
    pia, now = Account.objects.get(login_name="pia.stone"), timezone.now()
    assert certificate_ends.ending(now).filter(attempt__account=pia).count() == 1
    assert Attempt.objects.of(pia).open_at(now).count() == 1
    assert CourseVersion.objects.filter(state="proposed", proposed_by__login_name="desk.one").count() == 1


def test_the_clinic_has_five_documents_one_held_one_with_three_versions_and_one_of_the_plan():
    """S3-07, S4-16: what a newcomer tries."""
    people.seed()
    found = Document.objects.annotate(versions_of_it=Count("versions"))
    own = found.filter(practice__name=practices.LAKESIDE)
    assert own.count() == 5
    assert [one.title for one in own if one.is_held] == [documents.HELD]
    assert own.filter(versions_of_it=3).count() == 1
    ruth = Account.objects.get(login_name="ruth")
    behind = Membership.objects.open_at(timezone.now()).filter(grant__account=ruth)
    read = Document.objects.seen_by(ruth, memberships=behind, now=timezone.now())
    assert {one.title for one in read} == {documents.SHARED, documents.SHARED_WITH_ALL, documents.PLAN[0]}
    assert not StoredFile.objects.filter(door="document").exclude(state="clean").exists()
