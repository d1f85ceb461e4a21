"""The pages of clinicians and "Account Overview" (S2-21..23), as a browser sees them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.domain import clinicians
from enrollment.models import Association, ClinicianQuestion
from tests.factories import NOW, ClinicianFactory, MembershipFactory, PracticeFactory
from tests.steps.grid import works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
KEY = "optum-pro"
HOME, OVERVIEW, PICKER = f"/p/{KEY}/home/", f"/p/{KEY}/account-overview/", f"/p/{KEY}/clinicians/"
GO_ON, CONTACT = f"{PICKER}go-on/", f"/p/{KEY}/contact/"


@pytest.fixture
def row():
    """Somebody in California who comes for the first time."""
    return works_as("front_office", market="CA", portal_key=KEY)


@pytest.fixture
def browser(row):
    return signed_in(row.grant.account)


def offered(page: str) -> list[int]:
    return [int(key) for key in re.findall(r'name="clinicians" value="(\d+)"', page)]


# --- the first log-in -------------------------------------------------------------------------------------------------
def test_the_first_log_in_asks_in_california(browser, row):
    """S2-21: the home leads to the question; then somebody who has named one comes in."""
    clinician = ClinicianFactory(practice=row.practice)
    assert browser.get(HOME)["Location"] == PICKER
    page = browser.get(PICKER).content.decode()
    assert "Select the clinician(s) you are aligned with" in page
    assert "You are asked once" in page
    assert offered(page) == [clinician.pk]
    answer = browser.post(PICKER, {"clinicians": [clinician.pk]}, follow=True)
    assert "1 clinician was added." in answer.content.decode()
    assert browser.get(HOME).status_code == 200


def test_it_asks_by_whatever_page_somebody_comes(browser):
    """S2-21: after a sign-in people come by /enter/."""
    assert browser.get(f"/p/{KEY}/enter/", follow=True).redirect_chain[-1][0] == PICKER


def test_nobody_else_is_asked():
    """S2-21: CA only."""
    there = signed_in(works_as("front_office", market="CO", portal_key=KEY).grant.account)
    assert there.get(HOME).status_code == 200
    assert there.get(PICKER).status_code == there.post(GO_ON).status_code == 404
    assert "My clinician associations" not in there.get(OVERVIEW).content.decode()


@pytest.mark.parametrize(("typed", "leads"), [({}, HOME), ({"contact": "yes"}, CONTACT)])
def test_nobody_is_locked_out(browser, typed, leads):
    """S2-21, S2-23: on without a clinician, or by Contact Us because theirs is not listed; and it is not asked again."""
    assert browser.get(CONTACT).status_code == browser.get(OVERVIEW).status_code == 200
    answer = browser.post(GO_ON, typed)
    assert answer["Location"] == leads
    assert browser.get(HOME).status_code == 200
    assert ClinicianQuestion.objects.count() == 1


def test_looking_at_the_question_writes_nothing(browser):
    browser.get(PICKER)
    browser.get(HOME)
    assert not ClinicianQuestion.objects.exists()
    assert browser.get(GO_ON).status_code == 405


def test_a_new_membership_in_california_asks_whoever_worked_elsewhere():
    """S2-21: the first log-in with California."""
    row = works_as("front_office", market="CO", portal_key=KEY)
    browser = signed_in(row.grant.account)
    assert browser.get(HOME).status_code == 200
    MembershipFactory(grant=row.grant, practice=PracticeFactory(), role="front_office", market="CA")
    assert browser.get(HOME)["Location"] == PICKER


# --- the picker -------------------------------------------------------------------------------------------------------
def test_nothing_chosen_is_said_at_the_field_and_what_was_typed_stays(browser):
    """S2-22, interface."""
    ClinicianFactory(name="Ana Ruiz")
    page = browser.post(f"{PICKER}?q=ana", {}).content.decode()
    assert "There is a problem" in page
    assert page.count("Choose at least one clinician.") == 2
    assert 'value="ana"' in page
    assert not Association.objects.exists()


def test_a_choice_that_the_list_does_not_have_changes_nothing(browser):
    """Bad input: a key that was not offered, one that is none."""
    ClinicianFactory(name="Ana Ruiz")
    hidden = ClinicianFactory(name="Zoe Unasked")
    for typed in (hidden.pk, "x", "-1", "9" * 30):
        assert (
            "The list has changed meanwhile."
            in browser.post(f"{PICKER}?q=ana", {"clinicians": [typed]}).content.decode()
        )
    assert not Association.objects.exists()


def test_it_is_a_short_list_that_goes_on(browser):
    """openemr/openemr#5019: 20 a page, the next page begins after the last row; an end that nobody knows shows a list."""
    for number in range(25):
        ClinicianFactory(name=f"Ana {number:02d}")
    first = browser.get(f"{PICKER}?q=ana").content.decode()
    (onward,) = re.findall(r'href="(\?q=ana[^"]+)"', first)
    second = browser.get(PICKER + onward.replace("&amp;", "&")).content.decode()
    assert (len(offered(first)), len(offered(second))) == (20, 5)
    assert not set(offered(first)) & set(offered(second))
    assert "?q=ana" not in second
    for bad in ("x", "-1", "9" * 30, "", "²"):
        assert len(offered(browser.get(PICKER, {"q": "ana", "after": bad}).content.decode())) == 20
    assert browser.get(PICKER, {"q": "a\0na" * 60}).status_code == 200


def test_another_practice_is_never_named(browser, row):
    """D-26: where a clinician works is told to whoever works there too."""
    ClinicianFactory(name="Ana Here", practice=row.practice)
    ClinicianFactory(name="Ana There", practice=PracticeFactory(name="Practice Elsewhere"))
    page = browser.get(f"{PICKER}?q=ana").content.decode()
    assert "Ana There" in page
    assert row.practice.name in page
    assert "Practice Elsewhere" not in page


def test_pressed_twice_adds_once(browser):
    clinician = ClinicianFactory(name="Ana Ruiz")
    for said in ("1 clinician was added.", "Whom you chose is among your clinicians already."):
        answer = browser.post(f"{PICKER}?q=ana", {"clinicians": [clinician.pk]}, follow=True)
        assert said in answer.content.decode()
    assert Association.objects.count() == 1
    page = browser.get(f"{PICKER}?q=ana").content.decode()
    assert offered(page) == []
    assert "Whoever is shown here is among your clinicians already." in page


# --- account overview -------------------------------------------------------------------------------------------------
def test_account_overview_says_the_role_and_why_and_the_clinicians(browser, row):
    """S2-22: from the upper right; section, button, Contact Us (S2-23); the way to why, to another role, to who runs it."""
    clinicians.answer(grant=row.grant, by=row.grant.account, now=NOW)
    home = browser.get(HOME).content.decode()
    header = home.partition('class="top__who"')[2].partition("</nav>")[0]
    assert f'href="{OVERVIEW}">Account Overview' in header
    page = browser.get(OVERVIEW).content.decode()
    for said in (
        "Front office",
        "California",
        row.practice.name,
        "My clinician associations",
        "You have named no clinician yet.",
    ):
        assert said in page, said
    for path in (PICKER, CONTACT, f"/p/{KEY}/tools/", f"/p/{KEY}/who-controls-my-access/"):
        assert f'href="{path}"' in page, path
        assert browser.get(path).status_code == 200, path


def test_who_controls_the_access_are_the_portals_own_staff(browser, row):
    """C14, C29: no practice runs its users there, and Provider Services are another portal's."""
    page = browser.get(f"/p/{KEY}/who-controls-my-access/").content.decode()
    assert "the service desk gives you access, changes your role, and takes the access back" in page
    assert f'href="{CONTACT}"' in page
    assert "Provider Services" not in page


def test_one_is_taken_back_from_there(browser, row):
    """S2-22."""
    grant = row.grant
    (held,) = clinicians.associate(
        grant=grant, clinicians=[ClinicianFactory(name="Ana Ruiz")], by=grant.account, now=NOW
    )
    path = f"{PICKER}{held.pk}/end/"
    assert path in browser.get(OVERVIEW).content.decode()
    page = browser.post(path, follow=True).content.decode()
    assert "Ana Ruiz is no longer among your clinicians." in page
    assert "You have named no clinician yet." in page
    again = browser.post(path, follow=True)
    assert (again.status_code, "is no longer" in again.content.decode()) == (200, False)


def test_somebody_elses_is_not_found(browser):
    """The same 404 as for one that does not exist; and it stands."""
    other = works_as("front_office", market="CA", portal_key=KEY).grant
    (theirs,) = clinicians.associate(grant=other, clinicians=[ClinicianFactory()], by=other.account, now=NOW)
    answers = [browser.post(f"{PICKER}{pk}/end/") for pk in (theirs.pk, 987654321)]
    assert [answer.status_code for answer in answers] == [404, 404]
    theirs.refresh_from_db()
    assert theirs.until is None


def test_a_portal_without_a_grid_has_no_such_pages():
    browser = signed_in(works_as("user", market="CA", portal_key="claims").grant.account)
    assert browser.get("/p/claims/account-overview/").status_code == 404
    assert browser.get("/p/claims/clinicians/").status_code == 404
    assert browser.get("/p/claims/home/").status_code == 200


# --- what they cost ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("path", "budget"), [(HOME, 12), (OVERVIEW, 11), (f"{PICKER}?q=ana", 11), (PICKER, 11)])
def test_they_ask_the_same_however_much_there_is(browser, row, path, budget):
    """speed: session, grant, memberships, grid, menu, last log-in and unread messages; then the page's own."""
    clinicians.answer(grant=row.grant, by=row.grant.account, now=NOW)
    browser.get(path)
    counts = []
    for _round in range(2):
        found = [ClinicianFactory(name=f"Ana {n}", practice=row.practice) for n in range(3)]
        clinicians.associate(grant=row.grant, clinicians=found[:1], by=row.grant.account, now=NOW)
        MembershipFactory(grant=row.grant, practice=PracticeFactory(), role="front_office", market="CA")
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[1] <= budget, [one["sql"][:150] for one in asked]
