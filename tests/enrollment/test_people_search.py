"""The search box of a practice's people: a name as the practice says it, or the beginning of an address (D-11, D-26)."""

import pytest
from django.test import Client

from enrollment.domain import people_search
from identity.models import Account
from rbac.models import Membership, Practice
from tests.enrollment.test_people_pages import path, text
from tests.steps.invitations import practice_administrator, practice_user, user_invited
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic")


@pytest.fixture
def oaa(practice) -> Account:
    return practice_administrator(practice, "olga.admin")


@pytest.fixture
def browser(practice, oaa) -> Client:
    alvarez = practice_user(practice, "a.one", first_name="María José", last_name="Álvarez", email="mj@example.org")
    Membership.objects.filter(grant__account=alvarez).update(email="majo@lakeside.example.org")
    practice_user(practice, "uma.user", first_name="Uma", last_name="O'Hara", email="uma@example.org")
    user_invited("nora@example.org", practice=practice, by=oaa)
    practice_user(Practice.objects.create(name="Another"), "uma.other", first_name="Uma", last_name="Elsewhere")
    return signed_in(oaa, verified=True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("alvarez", ["Álvarez"]), ("JOSE al", ["Álvarez"]), ("majo@", ["Álvarez"]), ("uma", ["O'Hara"]),
        ("o’hara", ["O'Hara"]), ("nor", ["Nora Office"]), ("nora@example", ["Nora Office"]), ("varez", []),
        ("mj@example.org", []), ("elsewhere", []), ("%", []), ("_", []), ("uma@example.org.x", []), ("\0", None),
    ],
)  # fmt: skip
def test_by_the_beginning_of_a_name_or_address_of_the_own_practice(browser, practice, typed, found):
    """Without case, accents and apostrophes; what an account has beside is nobody's business (D-26)."""
    page = browser.get(path("people", practice), {"q": typed}).content.decode().replace("&#x27;", "'")
    names = ["Álvarez", "O'Hara", "Nora Office", "Elsewhere"]
    listed = page.partition("<tbody>")[2]
    wanted = ["Álvarez", "O'Hara", "Nora Office"] if found is None else found
    assert [name for name in names if name in listed] == wanted
    assert (f"Nobody of your practice is called “{typed}”" in page) == (wanted == [])


def test_pages_keep_what_is_looked_for_and_the_box_keeps_what_was_typed(browser, practice):
    for number in range(55):
        practice_user(practice, f"z{number}", first_name="Zoe", last_name=f"Z{number:02}")
    first = browser.get(path("people", practice), {"q": "zoe"})
    assert "55 users found" in text(first)
    assert 'value="zoe"' in first.content.decode()
    assert 'href="?q=zoe&amp;page=2"' in first.content.decode()
    second = text(browser.get(path("people", practice), {"q": "zoe", "page": "2"}))
    assert ("Z54" in second, "Álvarez" in second) == (True, False)


def test_what_is_typed_has_an_end():
    assert people_search.read(" a\t" + "b" * 500) == "a " + "b" * 98
