"""More tax IDs than a form takes: asked for in a ticket, added at the desk one by one (S2-16)."""

import pytest
from django.test import Client
from django.urls import reverse

from identity.models import Account, Contact, JournalEntry, OutboxMessage
from identity.notices import tickets
from rbac.domain import grants, memberships, more_practices
from rbac.models import Membership, Practice, PracticeTin
from tests.conftest import make_staff
from tests.factories import NOW, GrantFactory, PracticeFactory, TinFactory
from tests.steps.grid import works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PORTAL = "optum-pro"
TIN = ("742000077", "EIN")
TYPED = {
    "tin": "74-2000077", "kind": "EIN", "name": "Alamo Clinic", "role": "front_office", "market": "TX",
    "reason": "T-1, called back",
}  # fmt: skip


@pytest.fixture
def row() -> Membership:
    return works_as("practice_manager", market="CA", portal_key=PORTAL)


@pytest.fixture
def desk_member() -> Account:
    return make_staff("dora.desk", "service desk", (PORTAL,))


@pytest.fixture
def desk(desk_member) -> Client:
    return signed_in(desk_member, verified=True)


def page_of(row: Membership) -> str:
    return reverse("admin:rbac_accessgrant_more_practices", args=[row.grant_id])


def of_person(row: Membership) -> list[tuple[str, str, str]]:
    held = Membership.objects.current().filter(grant=row.grant).order_by("pk")
    return [(one.practice.name, one.role, one.market) for one in held]


def test_the_page_begins_with_what_the_person_is_and_one_press_adds_one(desk, desk_member, row, inbox):
    """S2-16, D-25: attested, journalled with its reason, and the person is told; the next one can follow."""
    assert page_of(row) in desk.get(reverse("admin:rbac_accessgrant_change", args=[row.grant_id])).content.decode()
    shown = desk.get(page_of(row)).content.decode()
    assert '<option value="practice_manager" selected>' in shown
    assert '<option value="CA" selected>' in shown
    assert desk.post(page_of(row), TYPED).url == page_of(row)
    assert of_person(row)[1:] == [("Alamo Clinic", "front_office", "TX")]
    tin = PracticeTin.objects.among([TIN]).get()
    assert tin.attested_by == desk_member
    assert list(Membership.objects.get(practice=tin.practice).tins.all()) == [tin]
    assert "Alamo Clinic" in inbox.newest("mail", row.grant.account.email).subject
    entry = JournalEntry.objects.get(kind="rbac.MembershipOpened", by=desk_member)
    assert "T-1, called back" in str(entry.facts)
    assert "Alamo Clinic was added." in desk.get(page_of(row)).content.decode()


def test_a_second_press_adds_nothing(desk, row):
    desk.post(page_of(row), TYPED)
    again = desk.post(page_of(row), TYPED)
    assert again.status_code == 422
    assert "This person works with this tax ID already." in again.content.decode()
    assert len(of_person(row)) == 2
    assert OutboxMessage.objects.filter(kind="rbac.MembershipOpenedMail").count() == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tin": "12345678"}, "This is not a tax ID."),
        ({"tin": "000000000"}, "This is not a tax ID."),
        ({"role": "administrator"}, "administrator"),
        ({"market": "XX"}, "XX"),
        ({"reason": " "}, "Reason"),
        ({"name": ""}, "Enter the name of the practice: nobody has attested this tax ID yet."),
    ],
)
def test_what_is_wrong_stands_on_the_page_and_nothing_is_done(desk, row, changed, told):
    answer = desk.post(page_of(row), TYPED | changed)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert len(of_person(row)) == 1
    assert not PracticeTin.objects.among([TIN]).exists()
    assert not Practice.objects.filter(name="Alamo Clinic").exists()


def test_a_known_tax_id_keeps_its_practice(desk, row, desk_member):
    """D-25: nobody renames what others hold."""
    known = TinFactory(practice=PracticeFactory(name="Known"), digits=TIN[0], attested_at=NOW, attested_by=desk_member)
    desk.post(page_of(row), TYPED)
    assert of_person(row)[1:] == [("Known", "front_office", "TX")]
    assert PracticeTin.objects.among([TIN]).get().practice_id == known.practice_id


def test_another_tax_id_of_a_practice_that_they_work_for_is_theirs_too_and_the_role_stays(row, desk_member):
    practice = PracticeFactory(name="Two")
    facts = {"practice": practice, "attested_at": NOW, "attested_by": desk_member}
    first, second = (TinFactory(digits=digits, **facts) for digits in ("742000011", "742000012"))
    said = {"grant": row.grant, "name": "", "market": "TX", "reason": "T-1", "by": desk_member, "now": NOW}
    more_practices.add(tin=(first.digits, first.kind), role="front_office", **said)
    after = more_practices.add(tin=(second.digits, second.kind), role="medical_director", **said)
    assert (after.role, set(after.tins.all())) == ("front_office", {first, second})
    assert JournalEntry.objects.filter(kind="rbac.PersonModified", by=desk_member).count() == 1
    with pytest.raises(memberships.AlreadyOpen):
        more_practices.add(tin=(second.digits, second.kind), role="medical_director", **said)


def test_nobody_adds_to_their_own_access(desk_member):
    """Nothing is left behind either: the tax ID stays unknown."""
    own = GrantFactory(account=desk_member, portal_key=PORTAL)
    with pytest.raises(grants.OwnGrant):
        more_practices.add(
            grant=own, tin=TIN, name="Mine", role="front_office", market="TX", reason="x", by=desk_member, now=NOW
        )
    assert not PracticeTin.objects.among([TIN]).exists()


def test_staff_of_another_portal_and_a_portal_without_a_grid_find_nothing(desk, row):
    """D-28: somebody else's and a missing one give the same 404."""
    other = signed_in(make_staff("otto.other", "service desk", ("claims",)), verified=True)
    assert other.post(page_of(row), TYPED).status_code == 404
    claims = works_as("user", market="", portal_key="claims")
    assert other.get(page_of(claims)).status_code == 404
    grants.end(account=row.grant.account, portal_key=PORTAL, reason="x", by=None, now=NOW)
    assert desk.get(page_of(row)).status_code == 404
    assert of_person(row) == []


def test_a_ticket_about_practices_leads_there_with_its_number_as_the_reason(desk, row):
    """S2-16: asked for by Contact Us, after the first sign-in."""
    facts = {
        "account": row.grant.account, "portal_key": PORTAL, "queue": PORTAL, "subject": "31", "text": "More TINs",
        "contact": Contact(language="en"), "now": NOW,
    }  # fmt: skip
    ticket, other = (tickets.ask(topic=topic, **facts) for topic in ("practice", "trouble"))
    shown = desk.get(reverse("admin:identity_ticket_change", args=[ticket.pk])).content.decode()
    address = f"{page_of(row)}?ticket={ticket.number}"
    assert f'href="{address}"' in shown
    assert page_of(row) not in desk.get(reverse("admin:identity_ticket_change", args=[other.pk])).content.decode()
    assert f'value="{ticket.number}"' in desk.get(address).content.decode()
