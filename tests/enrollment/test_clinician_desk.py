"""Clinicians at the desk (S2-21, D-28): who sees them, adding by NPI, correcting, taking off the list."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enrollment.domain import clinicians
from enrollment.models import Clinician
from identity.models import JournalEntry
from tests.conftest import make_staff
from tests.factories import NOW, ClinicianFactory, PracticeFactory, TinFactory, npi
from tests.steps.grid import works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
KEY, NPI = "optum-pro", "1234567893"
LIST, ADD = "/admin/enrollment/clinician/", "/admin/enrollment/clinician/add/"


@pytest.fixture
def desk():
    return signed_in(make_staff("desk.pro", "service desk", (KEY,)), verified=True)


def page_of(row: Clinician) -> str:
    return reverse("admin:enrollment_clinician_change", args=[row.pk])


def test_the_desk_adds_one_by_npi_and_people_find_them(desk):
    """S2-21."""
    practice = TinFactory(digits="951234567").practice
    answer = desk.post(ADD, {"npi": "123-456-7893", "name": " Ana  Álvarez ", "practice": "95-1234567"}, follow=True)
    assert "Ana Álvarez was added: people may choose this clinician." in answer.content.decode()
    row = Clinician.objects.get()
    assert (row.npi, row.name, row.practice, row.is_active) == (NPI, "Ana Álvarez", practice, True)
    browser = signed_in(works_as("front_office", market="CA", portal_key=KEY).grant.account)
    assert "Ana Álvarez, NPI 1234567893" in browser.get(f"/p/{KEY}/clinicians/?q=alvarez").content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"npi": "1234567894", "name": "Ana"}, "This is not an NPI."),
        ({"npi": NPI, "name": ""}, "name"),
        ({"npi": NPI, "name": "Ana", "practice": "999"}, "No practice has this number."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, typed, says):
    answer = desk.post(ADD, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert f'value="{typed["npi"]}"' in page
    assert not Clinician.objects.exists()


def test_an_npi_that_is_there_names_whose_it_is(desk):
    ClinicianFactory(npi=NPI, name="Ana There")
    assert "Ana There has this NPI already." in desk.post(ADD, {"npi": NPI, "name": "Ben"}).content.decode()


def test_one_is_corrected_and_taken_off_the_list(desk):
    """S2-22: whoever works with them goes on to."""
    row, grant = ClinicianFactory(name="Ana Old"), works_as("front_office", market="CA", portal_key=KEY).grant
    clinicians.associate(grant=grant, clinicians=[row], by=grant.account, now=NOW)
    assert "<dd>1</dd>" in desk.get(page_of(row)).content.decode()
    page = desk.post(page_of(row), {"name": "Ana New", "practice": ""}, follow=True).content.decode()
    assert "What is said of Ana New was changed." in page
    row.refresh_from_db()
    assert (row.name, row.is_active) == ("Ana New", False)
    assert [one.clinician for one in clinicians.of(grant)] == [row]
    assert "Nothing was to be changed." in desk.post(page_of(row), {"name": "Ana New"}, follow=True).content.decode()
    assert JournalEntry.objects.filter(kind="enrollment.ClinicianChanged").count() == 1


def test_a_practice_stays_where_the_page_is_saved_as_it_is(desk):
    row = ClinicianFactory(name="Ana", practice=PracticeFactory())
    typed = {"name": "Ana", "practice": str(row.practice_id), "is_active": "on"}
    assert "Nothing was to be changed." in desk.post(page_of(row), typed, follow=True).content.decode()


def test_a_list_adds_what_is_right_and_says_what_became_of_each_row(desk):
    """S2-21: by hand or from a small table; sent again it adds nobody twice."""
    practice = TinFactory(digits="951234567").practice
    rows = f"npi,name,practice\n{NPI},Ana Álvarez,95-1234567\n1234567894,Ben Wrong,\n{npi('190000001')},Cy Stone,\n"
    page = desk.post(f"{LIST}list/", {"text": rows}).content.decode()
    assert (page.count("badge--good"), page.count("badge--bad")) == (2, 1)
    assert "This is not an NPI." in page
    assert dict(Clinician.objects.values_list("name", "practice")) == {"Ana Álvarez": practice.pk, "Cy Stone": None}
    again = desk.post(f"{LIST}list/", {"file": SimpleUploadedFile("clinicians.csv", rows.encode())}).content.decode()
    assert (again.count("badge--good"), again.count("badge--wait")) == (0, 2)
    assert Clinician.objects.count() == 2
    assert JournalEntry.objects.filter(kind="enrollment.ClinicianAdded").count() == 2


@pytest.mark.parametrize("typed", ["", "name\nAna", "x" * 300_000, "npi,name\n" + "1,a\n" * 501, "npi,name\n\x00,\x1b"])
def test_a_list_that_is_none_adds_nobody(desk, typed):
    """Bad input: nothing, a column that is missing, too long, too many rows, signs that nobody sees."""
    answer = desk.post(f"{LIST}list/", {"text": typed})
    assert answer.status_code in (200, 422)
    assert "badge--good" not in answer.content.decode()
    assert not Clinician.objects.exists()


def test_the_list_finds_by_name_and_npi(desk):
    """ground 6: by key, and as the picker finds."""
    row, other = ClinicianFactory(name="Ana Álvarez", npi=NPI), ClinicianFactory(name="Ben Stone")
    for typed in ("alvarez", NPI):
        page = desk.get(LIST, {"q": typed}).content.decode()
        assert page_of(row) in page
        assert page_of(other) not in page
    assert page_of(other) in desk.get(LIST).content.decode()


@pytest.mark.parametrize("portal", ["claims", "provider-online"])
def test_staff_of_another_portal_see_none(portal):
    """D-28: what is not theirs answers as if it did not exist."""
    other, row = signed_in(make_staff("desk.other", "service desk", (portal,)), verified=True), ClinicianFactory()
    for path in (LIST, ADD, f"{LIST}list/", page_of(row)):
        assert other.get(path).status_code in (302, 403, 404), path
        assert other.post(path, {"npi": NPI, "name": "Ana"}).status_code in (302, 403, 404), path
    assert Clinician.objects.get() == row
    assert other.get(page_of(row)).status_code == other.get(f"{LIST}987654321/change/").status_code


def test_the_list_asks_the_same_however_many_there_are(desk, django_assert_max_num_queries):
    """speed: at most 3 and the session's, and the scope of staff."""
    for _number in range(30):
        ClinicianFactory(practice=PracticeFactory())
    desk.get(LIST)
    with django_assert_max_num_queries(6):
        assert desk.get(LIST).status_code == 200
