"""Provider Services and hand-overs: after a call to the number on file, with a reason, within their own portals."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rbac.domain import memberships, practices
from rbac.models import HandOver, Practice
from tests.conftest import make_staff
from tests.factories import TinFactory
from tests.steps.invitations import PORTAL
from tests.steps.practices import REASON, administrator, asked, lakeside, membership, user
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:rbac_handover_changelist"), reverse("admin:rbac_handover_add")


@pytest.fixture
def practice(db) -> Practice:
    return lakeside()


@pytest.fixture
def desk(db) -> Client:
    return signed_in(make_staff("provider.services", "service desk", portals=(PORTAL,)), verified=True)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_they_name_somebody_where_nobody_is_left(desk, practice, inbox):
    nora = user(practice)
    shown = text_of(desk.get(ADD, {"practice": practice.pk}))
    assert "Lakeside Clinic" in shown
    assert "(414) 555-0100" in shown
    assert "Nora Office (nora.user)" in shown
    typed = {"practice": practice.pk, "portal": PORTAL, "to": membership(nora, practice).pk}
    refused = desk.post(ADD, typed)
    assert (refused.status_code, HandOver.objects.count()) == (422, 0)
    assert "Enter a reason" in text_of(refused)
    made = desk.post(ADD, typed | {"reason": REASON}, follow=True)
    assert "The person is asked to sign" in text_of(made)
    row = HandOver.objects.get()
    page = signed_in(nora, verified=True)
    assert "called the number on file" in text_of(page.get(f"/p/{PORTAL}/hand-over/{row.pk}/"))
    page.post(f"/p/{PORTAL}/hand-over/{row.pk}/", {"typed_name": "Nora Office"})
    assert memberships.administrators(practice, now=timezone.now()) == [nora]
    assert REASON in text_of(desk.get(f"{LIST}{row.pk}/change/")), "its history says why"


def test_they_stand_in_for_the_second_signature(desk, practice):
    olga, nora = administrator(practice), user(practice)
    row = asked(practice, olga, nora, now=timezone.now())
    assert "Lakeside Clinic" in text_of(desk.get(LIST))
    page = f"{LIST}{row.pk}/change/"
    assert "I called: hand over" in text_of(desk.get(page))
    assert desk.post(page, {"reason": " "}).status_code == 422
    assert "Both are told by mail" in text_of(desk.post(page, {"reason": REASON}, follow=True))
    assert memberships.administrators(practice, now=timezone.now()) == [nora]
    assert desk.post(page, {"reason": REASON}).status_code == 422, "twice is once"


def test_without_a_number_they_read_the_way(desk, practice):
    nora = user(practice)
    Practice.objects.filter(pk=practice.pk).update(phone="")
    assert "proves nothing yet" in text_of(desk.get(ADD, {"practice": practice.pk}))
    typed = {"practice": practice.pk, "portal": PORTAL, "to": membership(nora, practice).pk, "reason": REASON}
    assert "The way is an administrator request." in text_of(desk.post(ADD, typed))


@pytest.mark.parametrize("typed", ["391234567", "39-1234567", " 39 1234567 "])
def test_they_find_the_practice_by_its_tax_id(desk, practice, agent, typed):
    """C11, D-25: any style; one that nobody attested names nobody."""
    tin = TinFactory(practice=practice, digits="391234567", attested_at=None, attested_by=None)
    assert "No practice has this number." in text_of(desk.get(ADD, {"practice": typed}))
    practices.attest(tins=[tin], reason="test", by=agent, now=timezone.now())
    assert "Lakeside Clinic" in text_of(desk.get(ADD, {"practice": typed}))


@pytest.mark.parametrize("number", ["987654", "x", "1" * 18])
def test_a_number_of_nothing_is_named(desk, number):
    assert "No practice has this number." in text_of(desk.get(ADD, {"practice": number}))


def test_staff_of_another_plan_see_none(practice):
    """D-28: neither list nor page nor "add"."""
    row = asked(practice, administrator(practice), user(practice), now=timezone.now())
    other = signed_in(make_staff("other.plan", "service desk", portals=("claims",)), verified=True)
    assert other.get(LIST).status_code == 403
    assert other.get(f"{LIST}{row.pk}/change/").status_code == 404
    assert other.get(ADD).status_code == 404
