"""Staff name the practices that came with a registration, which asks for no name (S2-16)."""

import pytest
from django.urls import reverse

from accessforms.models import Submission
from identity.models import JournalEntry
from identity.record.machine import ReasonMissing
from rbac.domain import practice_names
from rbac.models import Membership, PracticeTin
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory
from tests.steps.registration import PORTAL, registered
from tests.steps.sign_in import signed_in
from tests.steps.submission_desk import desk_of

pytestmark = pytest.mark.django_db
FIRST, SECOND = ("123456789", "EIN"), ("987654321", "EIN")  # of the answers of every registration in tests
OVERVIEW = f"/p/{PORTAL}/account-overview/"


@pytest.fixture
def nurse():
    return AccountFactory(login_name="nina.nurse")


@pytest.fixture
def desk(agent):
    return signed_in(agent, verified=True)


def name_of(tin: tuple[str, str]) -> str:
    return next(row.practice.name for row in PracticeTin.objects.select_related("practice") if row.digits == tin[0])


def approve(desk, sent: Submission, **more) -> None:
    ticked = {"attest": ["EIN 123456789", "EIN 987654321"]}
    desk.post(desk_of(sent), {"step": "approved", "version": sent.version} | ticked | more)


class TestAtApproval:
    def test_each_new_tax_id_has_a_field_for_its_name(self, desk, nurse):
        sent = registered(nurse, now=NOW)
        page = desk.get(desk_of(sent)).content.decode()
        assert 'name="name EIN 123456789"' in page
        assert "Name of the practice of 12-3456789" in page
        approve(desk, sent, **{"name EIN 123456789": " Harbor  Clinic "})
        assert (name_of(FIRST), name_of(SECOND)) == ("Harbor Clinic", sent.reference)
        assert JournalEntry.objects.get(kind="rbac.PracticeNamed").facts["reason"] == sent.reference

    def test_a_refused_step_keeps_what_was_typed(self, desk, nurse):
        sent = registered(nurse, now=NOW)
        typed = {"name EIN 123456789": "Harbor Clinic", "attest": "EIN 123456789"}
        page = desk.post(desk_of(sent), {"step": "returned", "version": sent.version, "reason": "", **typed})
        assert 'value="Harbor Clinic"' in page.content.decode()

    def test_what_is_not_ticked_or_has_a_name_is_not_named(self, desk, agent, nurse):
        approve(desk, registered(AccountFactory(), now=NOW), **{"name EIN 123456789": "Harbor Clinic"})
        sent = registered(nurse, now=NOW, tins=[{"digits": one, "kind": "EIN"} for one in (FIRST[0], "123456780")])
        assert 'name="name EIN 123456789"' not in desk.get(desk_of(sent)).content.decode()
        names = {"name EIN 123456789": "Pirates", "name EIN 123456780": "Pirates"}
        approve(desk, sent, attest="EIN 123456789", **names)
        assert name_of(FIRST) == "Harbor Clinic"
        assert name_of(("123456780", "EIN")) == sent.reference


def test_the_desk_reads_of_access_what_was_chosen_in_the_form_in_its_words(desk, nurse):
    """S2-11, S2-18: a job function is not the tool of nearly the same key."""
    approve(desk, registered(nurse, now=NOW))
    grant = Membership.objects.filter(grant__account=nurse)[0].grant
    page = desk.get(reverse("admin:rbac_accessgrant_change", args=[grant.pk])).content.decode()
    assert "Job functions: Scheduling, Referrals" in page
    assert "Referrals (Order Utility)" not in page.partition("Job functions:")[2].partition("<br>")[0]
    assert "Choose your category: Contracted Professional" in page


class TestTheirHolder:
    def test_reads_the_tax_id_until_there_is_a_name(self, desk, nurse):
        """S2-22: which is which of thirty."""
        approve(desk, sent := registered(nurse, now=NOW), **{"name EIN 123456789": "Harbor Clinic"})
        browser = signed_in(nurse)
        for path in (OVERVIEW, f"/p/{PORTAL}/tools/curo/", reverse("my_access")):
            page = browser.get(path).content.decode()
            assert "Harbor Clinic" in page, path
            assert "98-7654321" in page, path
            assert f">{sent.reference}<" not in page.replace(f"<dd>{sent.reference}</dd>", ""), path

    def test_thirty_practices_of_one_form_are_told_together(self, desk, nurse, django_assert_max_num_queries):
        tins = [{"digits": f"12345{n:04}", "kind": "EIN"} for n in range(30)]
        approve(desk, registered(nurse, now=NOW, tins=tins), attest=[f"EIN {one['digits']}" for one in tins])
        browser = signed_in(nurse)
        browser.get(OVERVIEW)
        with django_assert_max_num_queries(20):
            page = browser.get(OVERVIEW).content.decode()
        assert "30 practices" in page
        assert all(f"<li>12-345{n:04}</li>" in page for n in range(30))
        assert page.count("<dt>Role</dt>") == 1


class TestAfterwards:
    @pytest.fixture
    def row(self, desk, nurse):
        approve(desk, registered(nurse, now=NOW))
        return Membership.objects.select_related("practice").get(tins__in=[_tin(FIRST)])

    def page_of(self, row: Membership) -> str:
        return reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, row.pk])

    def test_the_page_of_a_membership_names_its_practice(self, desk, row):
        page = desk.post(self.page_of(row), {"step": "name", "name": "Harbor", "reason": "Called"}, follow=True)
        assert "The practice is called Harbor from now on." in page.content.decode()
        assert name_of(FIRST) == "Harbor"
        assert JournalEntry.objects.get(kind="rbac.PracticeNamed").facts["reason"] == "Called"

    @pytest.mark.parametrize(
        ("typed", "says"),
        [({"name": " ", "reason": "x"}, "enter the name"), ({"name": "Harbor", "reason": " "}, "enter a reason")],
    )
    def test_name_and_reason_are_needed(self, desk, row, typed, says):
        page = desk.post(self.page_of(row), {"step": "name"} | typed, follow=True).content.decode()
        assert says in page
        assert name_of(FIRST) == row.practice.name

    def test_nobody_names_what_others_answer_for_too(self, row):
        """D-28."""
        staff = make_staff("pro.desk", "service desk", portals=(PORTAL,))
        MembershipFactory(grant=GrantFactory(portal_key="claims"), practice=row.practice)
        with pytest.raises(practice_names.OthersAnswer):
            practice_names.name(practice=row.practice, name="Harbor", reason="Called", by=staff, now=NOW)
        with pytest.raises(ReasonMissing):
            practice_names.name(practice=row.practice, name="Harbor", reason="", by=staff, now=NOW)
        assert name_of(FIRST) == row.practice.name


def _tin(tin: tuple[str, str]) -> PracticeTin:
    return next(row for row in PracticeTin.objects.all() if row.digits == tin[0])
