"""The pages of mandates, as the browsers of both sides see them (S3-10)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rbac.domain import mandate_inquiries, mandates
from rbac.models import Mandate, MandateInquiry, Membership
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps.grid import works_as
from tests.steps.mandates import PORTAL, agreed, asked, signer, vendor_person
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
OVERVIEW = f"/p/{PORTAL}/account-overview/"
HELD, GIVEN = f"/p/{PORTAL}/practices-we-work-for/", f"/p/{PORTAL}/on-our-behalf/"
ROLE = "billing_specialist"


@pytest.fixture
def vera():
    return vendor_person()


@pytest.fixture
def maria():
    return signer()


def typed(practice=None, **more) -> dict:
    digits = practice.tins.get().digits if practice else "911111111"
    return {"tins": digits, "roles": [ROLE], "ends_on": "", **more}


def press(browser, row, name):
    return browser.post(f"{GIVEN}{row.pk}/", {name: "1"}, follow=True)


def test_from_asking_to_the_end(vera, maria):
    vendor, practice = signed_in(vera.grant.account), signed_in(maria.grant.account)
    assert HELD in vendor.get(OVERVIEW).content.decode()
    assert GIVEN in practice.get(OVERVIEW).content.decode()
    assert "No practice has agreed yet" in vendor.get(HELD).content.decode()
    page = vendor.post(HELD, typed(maria.practice), follow=True).content.decode()
    assert "are asked. Each of them is shown here once it has agreed." in page
    assert maria.practice.name not in page
    assert not Mandate.objects.exists()  # only the worker looks the tax ID up
    mandate_inquiries.pass_on_all(now=timezone.now())
    row = Mandate.objects.get()
    page = practice.get(GIVEN).content.decode()
    assert "They ask to work for you" in page
    assert "Best Billing" in page
    assert (
        "The people of Best Billing work for Lakeside Clinic from now on."
        in press(practice, row, "agree").content.decode()
    )
    assert maria.practice.name in vendor.get(HELD).content.decode()
    assert maria.practice.name in vendor.get(OVERVIEW).content.decode()
    assert "nobody of Best Billing works for Lakeside Clinic" in press(practice, row, "end").content.decode()
    assert maria.practice.name not in vendor.get(OVERVIEW).content.decode()
    assert "No vendor works for your practice." in practice.get(GIVEN).content.decode()


def test_the_page_says_the_same_whatever_exists(vera, maria):
    """D-25: a known tax ID, an unknown one, one that nobody attested, one's own, one that was asked before."""
    browser = signed_in(vera.grant.account)
    unproved = TinFactory(attested_at=None, attested_by=None)
    answers = set()
    for digits in (maria.practice.tins.get().digits, "911111111", unproved.digits, vera.practice.tins.get().digits) * 2:
        answer = browser.post(HELD, typed(tins=digits))
        page = browser.get(answer.url).content.decode()
        answers.add((answer.status_code, answer.url, page.count("are asked. Each"), maria.practice.name in page))
    assert answers == {(302, HELD, 1, False)}
    mandate_inquiries.pass_on_all(now=timezone.now())
    assert Mandate.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tins": "12-34567"}, "This is not a tax ID: 12-34567."),
        ({"tins": ""}, "Fill in “Tax IDs of the practices you work for”."),
        ({"tins": "12-3456789, 123-45-6789"}, "This tax ID is entered twice"),
        ({"tins": ", ".join(f"91-{n:07}" for n in range(1, 32))}, "Enter at most 30 tax IDs on one form."),
        ({"tins": "91-0000001 " * 400}, "has at most 2000 characters"),
        ({"roles": []}, "Choose at least one answer to “Roles in which your people work for them”."),
        ({"roles": ["administrator"]}, "Select a valid choice."),
        ({"ends_on": "01/02/2020"}, "This day has passed."),
        ({"ends_on": "tomorrow"}, "Enter a date as month/day/year"),
    ],
)
def test_what_is_wrong_is_named_and_kept(vera, maria, wrong, says):
    page = signed_in(vera.grant.account).post(HELD, typed(maria.practice) | wrong).content.decode()
    assert says in page
    assert not MandateInquiry.objects.exists()


def test_of_two_companies_one_is_chosen(vera, maria):
    other = PracticeFactory(name="Better Billing")
    works_as(ROLE, practice=other, grant=vera.grant, tins=[TinFactory(practice=other)])
    browser = signed_in(vera.grant.account)
    assert "Choose an answer to “Your company”." in browser.post(HELD, typed(maria.practice)).content.decode()
    browser.post(HELD, typed(maria.practice, vendor=str(other.pk)))
    mandate_inquiries.pass_on_all(now=timezone.now())
    assert Mandate.objects.get().vendor == other


def test_whoever_works_for_a_practice_itself_is_no_vendor(maria):
    browser = signed_in(maria.grant.account)
    assert browser.get(HELD).status_code == browser.post(HELD, typed()).status_code == 404
    assert HELD not in browser.get(OVERVIEW).content.decode()


def test_a_vendor_that_was_not_checked_reads_so(vera):
    vera.practice.tins.update(attested_at=None, attested_by=None)
    page = signed_in(vera.grant.account).get(HELD).content.decode()
    assert "was not checked yet" in page


def test_a_foreign_mandate_and_a_missing_one_are_not_found(vera, maria):
    row = asked(vera, maria.practice)
    other = signed_in(signer(practice=PracticeFactory()).grant.account)
    nobody = signed_in(works_as("front_office", practice=maria.practice, portal_key=PORTAL).grant.account)
    for browser in (other, nobody, signed_in(vera.grant.account)):
        for name in ("agree", "decline", "end"):
            assert press(browser, row, name).status_code == 404
    assert press(other, Mandate(pk=row.pk + 99), "agree").status_code == 404
    assert press(signed_in(maria.grant.account), row, "nothing").status_code == 404
    assert nobody.get(GIVEN).status_code == 404
    row.refresh_from_db()
    assert row.state == Mandate.State.ASKED


def test_a_second_press_reads_that_it_is_over(vera, maria):
    row, browser = asked(vera, maria.practice), signed_in(maria.grant.account)
    press(browser, row, "agree")
    assert "Nothing was changed" in press(browser, row, "agree").content.decode()
    assert "Nothing was changed" in press(browser, row, "decline").content.decode()
    assert (
        "You have declined"
        in press(browser, asked(vendor_person(vendor=PracticeFactory()), maria.practice), "decline").content.decode()
    )


def test_the_very_next_request_after_the_end(vera, maria):
    """S3-10: what only the mandate opened is closed at once, whatever jobs do."""
    boss = vendor_person(vendor=vera.practice)
    row = agreed(vera, maria)
    browser = signed_in(boss.grant.account)
    assert maria.practice.name in browser.get(OVERVIEW).content.decode()
    mandates.end(mandate=row, by=maria.grant.account, now=NOW + timedelta(hours=1))
    assert maria.practice.name not in browser.get(OVERVIEW).content.decode()
    assert not Membership.objects.current().filter(mandate=row).exists()


@pytest.mark.parametrize(("path", "most"), [(HELD, 14), (GIVEN, 14)])
def test_query_budgets(vera, maria, path, most):
    """speed: as many statements for many mandates as for one."""
    for _ in range(3):
        agreed(vera, signer(practice=PracticeFactory()))
        agreed(vendor_person(vendor=PracticeFactory()), maria)
    browser = signed_in((vera if path == HELD else maria).grant.account)
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as first:
        assert browser.get(path).status_code == 200
    assert len(first) <= most, [one["sql"][:120] for one in first]
    for _ in range(4):
        agreed(vera, signer(practice=PracticeFactory()))
        agreed(vendor_person(vendor=PracticeFactory()), maria)
    with CaptureQueriesContext(connection) as second:
        browser.get(path)
    assert len(second) == len(first)


def test_more_tax_ids_than_a_day_takes_are_refused_alike_and_kept(vera, maria):
    """S2-16: more go by Contact Us; known ones and unknown ones count alike (D-25)."""
    browser, known = signed_in(vera.grant.account), maria.practice.tins.get().digits
    browser.post(HELD, typed(tins=", ".join(f"91-{n:07}" for n in range(1, 30))))
    pages = {browser.post(HELD, typed(tins=f"{one}, 91-1234567")).content.decode() for one in (known, "92-1234567")}
    assert all("at most 30 tax IDs within a day, and 1 are left" in page for page in pages)
    assert "at most 30 tax IDs within a day, and 0 are left" not in "".join(pages)
    assert all("91-1234567</textarea>" in page for page in pages)
    assert MandateInquiry.objects.count() == 29


class TestGivingUp:
    """The vendor ends a mandate itself, by one press."""

    def press(self, browser, row, name="practices-we-work-for"):
        return browser.post(f"/p/{PORTAL}/{name}/{row.pk}/end/", follow=True)

    def test_by_one_press(self, vera, maria):
        row, browser = agreed(vera, maria), signed_in(vera.grant.account)
        assert "End it: nobody of us works for Lakeside Clinic any more" in browser.get(HELD).content.decode()
        page = self.press(browser, row).content.decode()
        assert "Ended: from now on nobody of Best Billing works for Lakeside Clinic." in page
        assert maria.practice.name not in browser.get(OVERVIEW).content.decode()
        assert self.press(browser, row).status_code == 404  # it is theirs no longer

    def test_somebody_quicker(self, vera, maria, monkeypatch):
        row, browser = agreed(vera, maria), signed_in(vera.grant.account)
        real = mandates.give_up

        def a_moment_later(**said):
            mandates.end(mandate=Mandate.objects.get(pk=row.pk), by=maria.grant.account, now=said["now"])
            return real(**said)

        monkeypatch.setattr(mandates, "give_up", a_moment_later)
        assert "Nothing was changed" in self.press(browser, row).content.decode()

    def test_a_foreign_one_one_that_waits_and_a_missing_one_are_not_found(self, vera, maria):
        held, waits = agreed(vera, maria), asked(vera, signer(practice=PracticeFactory()).practice)
        stranger = vendor_person(vendor=PracticeFactory())
        for who, row in (
            (stranger, held), (maria, held), (vera, waits), (vera, Mandate(pk=waits.pk + 99)),
            (vendor_person(vendor=vera.practice, suspended_at=NOW), held),
        ):  # fmt: skip
            assert self.press(signed_in(who.grant.account), row).status_code == 404
        assert Mandate.objects.get(pk=held.pk).state == Mandate.State.AGREED
        assert Mandate.objects.get(pk=waits.pk).state == Mandate.State.ASKED
