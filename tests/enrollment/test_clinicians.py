"""Clinicians, and who works with which of them (S2-21..23): the rules, and what the picker finds."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from enrollment import events
from enrollment.domain import clinician_search, clinicians
from enrollment.models import Association, Clinician, ClinicianQuestion
from identity.merging import merges
from identity.models import JournalEntry
from identity.record import journal
from portals import registry
from rbac.domain import approvals, grants
from tests.conftest import make_staff
from tests.factories import NOW, ClinicianFactory, GrantFactory, PracticeFactory, npi
from tests.steps.grid import works_as
from tests.steps.merges import proof_of

pytestmark = pytest.mark.django_db
KEY = "optum-pro"
LATER = NOW + timedelta(days=1)
NPI = "1234567893"  # of the rule's own example


def works_in(market: str = "CA"):
    return works_as("front_office", market=market, portal_key=KEY)


def associate(grant, *rows, now=NOW) -> list[Association]:
    return clinicians.associate(grant=grant, clinicians=rows, by=grant.account, now=now)


# --- who works with whom ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("market", "portal", "asks"), [("CA", KEY, True), ("CO", KEY, False), ("CA", "claims", False)])
def test_california_is_asked_and_nobody_else(market, portal, asks):
    """S2-21: a heading "Clinician association - CA only"."""
    row = works_as("front_office", market=market, portal_key=portal)
    assert clinicians.concern(registry.get(portal), [row]) is asks


def test_one_membership_in_california_is_enough():
    """S2-21: somebody who works in two markets."""
    rows = [works_in("CO"), works_in("CA")]
    assert clinicians.concern(registry.get(KEY), rows)
    assert not clinicians.concern(registry.get(KEY), [])


def test_a_clinician_is_associated_once_with_its_event():
    """S2-21: a second press finds what the first one wrote."""
    grant, clinician = works_in().grant, ClinicianFactory()
    (row,) = associate(grant, clinician)
    assert associate(grant, clinician, now=LATER) == []
    assert [one.clinician for one in clinicians.of(grant)] == [clinician]
    (entry,) = journal.history(of=row)
    assert (entry.kind, entry.account, entry.by) == (events.ClinicianAssociated.stored_as, grant.account, grant.account)
    assert entry.facts == {"portal_key": KEY, "npi": clinician.npi}


def test_the_database_keeps_one_open_association_per_pair():
    grant, clinician = works_in().grant, ClinicianFactory()
    associate(grant, clinician)
    with pytest.raises(IntegrityError), transaction.atomic():
        Association.objects.create(grant=grant, clinician=clinician, since=LATER)


def test_whoever_may_be_chosen_no_longer_is_left_out_and_stays_where_chosen():
    """S2-22: of two that are sent the good one counts."""
    grant, gone, good = works_in().grant, ClinicianFactory(is_active=False), ClinicianFactory()
    assert [row.clinician for row in associate(grant, gone, good)] == [good]
    clinicians.change(clinician=good, name=good.name, practice=None, is_active=False, by=None, now=LATER)
    assert [one.clinician for one in clinicians.of(grant)] == [good]


def test_access_that_has_ended_takes_nobody_any_more():
    row = works_in()
    grants.end(account=row.grant.account, portal_key=KEY, reason="left", by=None, now=NOW)
    with pytest.raises(grants.GrantEnded):
        associate(row.grant, ClinicianFactory())


def test_an_association_ends_once_and_can_begin_again():
    """S2-22: the history is the rows."""
    grant, clinician = works_in().grant, ClinicianFactory()
    (row,) = associate(grant, clinician)
    assert clinicians.end(association=row, by=grant.account, now=LATER)
    assert not clinicians.end(association=row, by=grant.account, now=LATER + timedelta(days=1))
    row.refresh_from_db()
    assert row.until == LATER
    assert JournalEntry.objects.filter(kind=events.AssociationEnded.stored_as).count() == 1
    assert len(associate(grant, clinician, now=LATER)) == 1


def test_it_is_asked_until_somebody_names_one_or_goes_on():
    """S2-21, S2-23: asked, not locked out, and not twice: whoever took theirs back is not asked again."""
    one, other, third = works_in().grant, works_in().grant, works_in().grant
    assert clinicians.is_due(one)
    (row,) = associate(one, ClinicianFactory())
    clinicians.end(association=row, by=one.account, now=LATER)
    clinicians.answer(grant=other, by=other.account, now=NOW)
    clinicians.answer(grant=other, by=other.account, now=LATER)
    assert (clinicians.is_due(one), clinicians.is_due(other), clinicians.is_due(third)) == (False, False, True)
    assert ClinicianQuestion.objects.get().answered_at == NOW
    assert JournalEntry.objects.filter(kind=events.ClinicianQuestionAnswered.stored_as).count() == 1


# --- whom staff name --------------------------------------------------------------------------------------------------
def test_staff_of_the_portal_add_by_npi():
    """S2-21: the check digit is looked at, and nobody stands there twice."""
    desk, practice = make_staff("desk.pro", "service desk", (KEY,)), PracticeFactory()
    row = clinicians.add(npi=NPI, name="Ana Álvarez", practice=practice, by=desk, now=NOW)
    assert journal.history(of=row).get().by == desk
    with pytest.raises(clinicians.KnownAlready) as known:
        clinicians.add(npi=NPI, name="Another", practice=None, by=desk, now=NOW)
    assert known.value.clinician == row
    for wrong in ("1234567894", "123456789", "", "4234567893", "１２３４５６７８９３"):
        with pytest.raises(clinicians.NotAnNpi):
            clinicians.add(npi=wrong, name="Nobody", practice=None, by=desk, now=NOW)


@pytest.mark.parametrize("portal", ["claims", "provider-online"])
def test_staff_of_another_portal_do_not(portal):
    """D-28."""
    desk, row = make_staff("desk.other", "service desk", (portal,)), ClinicianFactory()
    with pytest.raises(approvals.MayNotDecide):
        clinicians.add(npi=NPI, name="Ana", practice=None, by=desk, now=NOW)
    with pytest.raises(approvals.MayNotDecide):
        clinicians.change(clinician=row, name="Ana", practice=None, is_active=True, by=desk, now=NOW)
    assert Clinician.objects.get() == row


def test_a_change_is_kept_with_what_changed_and_found_by_the_new_name():
    row = clinicians.add(npi=NPI, name="Ana Old", practice=None, by=None, now=NOW)
    said = {"name": "Ana New", "practice": None, "is_active": True}
    assert clinicians.change(clinician=row, **said, by=None, now=LATER) == ["name"]
    assert clinicians.change(clinician=row, **said, by=None, now=LATER) == []
    assert journal.history(of=row).first().facts == {"npi": NPI, "changed": ["name"]}
    assert found("new") == ["Ana New"]
    assert found("old") == []


# --- the picker -------------------------------------------------------------------------------------------------------
def found(typed: str, **more) -> list[str]:
    return [one.name for one in clinician_search.find(typed, practices=more.pop("practices", ()), **more).rows]


def test_it_finds_by_words_of_the_name_in_any_order_and_without_accents():
    """S2-22."""
    ClinicianFactory(name="Ana Álvarez, MD")
    ClinicianFactory(name="Sean O'Hara")
    ClinicianFactory(name="Gone Álvarez", is_active=False)
    for typed in ("alvarez", "ÁLV an", "Ana, alva"):
        assert found(typed) == ["Ana Álvarez, MD"], typed
    assert found("ohara") == found("o'hara") == ["Sean O'Hara"]
    assert found("nobody") == found("ana ohara") == found("!!!") == []


def test_it_finds_by_the_whole_npi_however_it_is_grouped():
    """S2-22: by NPI."""
    row = ClinicianFactory(npi=NPI)
    assert found(NPI) == found("123-456-7893") == found("1234 567 893") == [row.name]
    assert found("123456789") == found("12345") == []


def test_without_words_it_offers_those_of_ones_own_practices_only():
    practice = PracticeFactory()
    own = ClinicianFactory(practice=practice)
    ClinicianFactory(practice=PracticeFactory())
    ClinicianFactory()
    assert found("", practices=[practice.pk]) == [own.name]
    assert found("") == []


def test_it_goes_through_namesakes_page_by_page_and_misses_none(django_assert_num_queries):
    """openemr/openemr#5019: never a list of thousands; the next page begins after a row, whatever came or went."""
    for number in range(45):
        ClinicianFactory(name="Ana Ruiz" if number % 2 else f"Ana {number:02d}")
    seen, after = [], 0
    while True:
        with django_assert_num_queries(2 if after else 1):
            page = clinician_search.find("ana", practices=(), after=after)
        assert len(page.rows) <= clinician_search.ON_A_PAGE
        seen += page.rows
        if not page.after:
            break
        after = page.after
    assert len(seen) == len({one.pk for one in seen}) == 45
    assert [one.name for one in seen] == sorted(one.name for one in seen)


def test_an_npi_of_the_factory_is_one():
    """What the tests stand on."""
    assert npi("123456789") == NPI
    assert GrantFactory().associations.count() == 0


# --- two IDs become one ----------------------------------------------------------------------------------------------
def merged(own, other, *, keeps):
    choices = {clash.key: keeps.pk for clash in merges.clashes(own, other)}
    return merges.merge(survivor=own, absorbed=other, choices=choices, proof=proof_of(own, other, NOW), by=own, now=NOW)


@pytest.mark.parametrize("keeps_mine", [True, False])
def test_a_merge_brings_the_clinicians_of_both_along(keeps_mine):
    """S2-22, D-17: whose access is kept says nothing of with whom somebody works."""
    mine, theirs = works_in().grant, works_in().grant
    own, other = mine.account, theirs.account
    first, shared, last = ClinicianFactory(), ClinicianFactory(), ClinicianFactory()
    associate(mine, first, shared)
    associate(theirs, shared, last)
    gone = associate(theirs, ClinicianFactory())[0]
    clinicians.end(association=gone, by=other, now=NOW)
    merge = merged(own, other, keeps=own if keeps_mine else other)
    kept = grants.current(account=own, portal_key=KEY)
    assert kept == (mine if keeps_mine else theirs)
    assert {one.clinician for one in clinicians.of(kept)} == {first, shared, last}
    merges.undo(merge=merge, by=own, now=NOW)
    assert {one.clinician for one in clinicians.of(mine)} == {first, shared}
    assert {one.clinician for one in clinicians.of(theirs)} == {shared, last}


@pytest.mark.parametrize("answered", ["the other", "both", "nobody"])
def test_after_a_merge_nobody_is_asked_for_clinicians_again(answered):
    """S2-21: nobody is asked twice; whoever was never asked still is."""
    mine, theirs = works_in().grant, works_in().grant
    for grant in {"the other": [theirs], "both": [mine, theirs], "nobody": []}[answered]:
        clinicians.answer(grant=grant, by=grant.account, now=NOW)
    merge = merged(mine.account, theirs.account, keeps=mine.account)
    assert clinicians.is_due(mine) is (answered == "nobody")
    merges.undo(merge=merge, by=mine.account, now=NOW)
    assert clinicians.is_due(mine) is (answered != "both")
    assert clinicians.is_due(theirs) is (answered == "nobody")


def test_undoing_a_merge_takes_back_no_clinician_that_was_given_up_since():
    mine, theirs = works_in().grant, works_in().grant
    (row,) = associate(theirs, ClinicianFactory())
    merge = merged(mine.account, theirs.account, keeps=mine.account)
    clinicians.end(association=Association.objects.get(pk=row.pk), by=mine.account, now=NOW)
    merges.undo(merge=merge, by=mine.account, now=NOW)
    assert not clinicians.of(theirs).exists()
    assert not clinicians.of(mine).exists()
