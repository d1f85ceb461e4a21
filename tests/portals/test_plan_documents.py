"""Documents of the plan: a portal's staff share them with practices, and see nothing that practices keep (S4-16)."""

import re
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from identity.accounts import staff_rights
from identity.models import Account
from portals.inside.domain import document_shares, document_trash, plan_documents
from portals.models import Document
from tests.conftest import make_staff
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps import files
from tests.steps.documents import PORTAL, added, handed_in, looked_after, seen, worker
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LISTED = "/admin/portals/document/"


@pytest.fixture
def agent():
    return make_staff("provider.services", "service desk", (PORTAL,))


@pytest.fixture
def practice():
    practice = PracticeFactory(name="Lakeside Clinic")
    TinFactory(practice=practice, digits="391234567")
    return practice


@pytest.fixture
def kim(practice):
    return worker(practice, "kim.office")


@pytest.fixture
def document(agent):
    return plan_documents.add(portal_key=PORTAL, file=handed_in(agent).pk, title="Fee schedule", by=agent, now=NOW)


def test_a_practice_reads_it_while_it_is_shared_and_changes_nothing(agent, practice, kim, document):
    """S4-16 "Documents": those that the plan shares with your practice."""
    other = worker(PracticeFactory(), "uma.office")
    assert (seen(kim), seen(other)) == (set(), set())
    document_shares.share_with_practice(document=document, practice=practice, by=agent, now=NOW)
    assert (seen(kim), seen(other), looked_after(kim)) == ({"Fee schedule"}, set(), set())
    page = signed_in(kim, verified=True).get(reverse("document", args=[PORTAL, document.pk])).content.decode()
    assert "Provider Services" in page
    assert agent.get_full_name() not in page, "which member of staff is nobody's business"
    document_shares.unshare_with_practice(document=document, practice=practice, by=agent, now=NOW)
    assert seen(kim) == set()


def test_only_staff_of_the_portal_share_it(practice, kim, document):
    """D-28: not the desk of another portal, not a person of the practice."""
    elsewhere = make_staff("desk.claims", "service desk", ("claims",))
    for by in (elsewhere, kim):
        for act in (document_shares.share_with_practice, document_shares.unshare_with_practice):
            with pytest.raises(staff_rights.MayNotHandle):
                act(document=document, practice=practice, by=by, now=NOW)
        with pytest.raises(staff_rights.MayNotHandle):
            plan_documents.add(portal_key=PORTAL, file=handed_in(by).pk, title="x", by=by, now=NOW)


def test_the_desk_adds_shares_after_saying_to_how_many_and_takes_back(agent, practice, kim):
    browser = signed_in(agent, verified=True)
    file = SimpleUploadedFile("fees.pdf", files.pdf())
    sent = browser.post(f"{LISTED}add/", {"portal": PORTAL, "title": "Fees", "file": file})
    document = Document.objects.get()
    path = f"{LISTED}{document.pk}/change/"
    assert sent.url == path
    assert "None yet." in browser.get(path).content.decode()
    typed = {"step": "share", "tin": "39-1234567", "kind": "EIN"}
    asked = browser.post(path, typed).content.decode()
    assert "1 person who works for Lakeside Clinic can read it then." in asked
    assert not document.practice_shares.exists()
    (read,) = re.findall(r'name="read" value="([^"]+)"', asked)
    shown = browser.post(path, {**typed, "read": read}, follow=True).content.decode()
    assert "It is shared with Lakeside Clinic." in shown
    assert seen(kim) == {"Fees"}
    browser.post(path, {"step": "unshare", "practice": practice.pk})
    assert seen(kim) == set()
    browser.post(path, {"step": "delete"})
    assert "nobody reads it" in browser.get(path).content.decode()
    browser.post(path, {"step": "restore"})
    document.refresh_from_db()
    assert document.deleted_at is None


@pytest.mark.parametrize("tin", ["399999999", "391234568", "x", ""])
def test_a_tax_id_that_opens_nothing_is_said(agent, document, kim, tin):
    """D-25: unknown, or not attested."""
    TinFactory(practice=PracticeFactory(), digits="391234568", attested_at=None, attested_by=None)
    answer = signed_in(agent, verified=True).post(
        f"{LISTED}{document.pk}/change/", {"step": "share", "tin": tin, "kind": "EIN"}
    )
    assert answer.status_code == 422
    assert not document.practice_shares.exists()


def test_what_a_practice_keeps_is_nobodys_at_the_desk(agent, practice, kim, document):
    kept = added(kim, practice, "Salaries")
    browser = signed_in(agent, verified=True)
    listed = browser.get(LISTED).content.decode()
    assert "Fee schedule" in listed
    assert "Salaries" not in listed
    assert browser.get(f"{LISTED}{kept.pk}/change/").status_code in (302, 404)


def test_a_hold_is_lifted_by_who_set_it_or_when_they_left_by_a_colleague(agent, document):
    """S3-07; of the plan's only staff of the portal hold one (D-28)."""
    document_trash.hold(document=document, reason="Audit", by=agent, now=NOW)
    other = make_staff("second.agent", "service desk", (PORTAL,))
    elsewhere = make_staff("desk.claims", "service desk", ("claims",))
    with pytest.raises(document_trash.MayNotLift):
        document_trash.lift(document=document, by=other, now=NOW)
    Account.objects.filter(pk=agent.pk).update(is_active=False)
    for act in (document_trash.lift, partial(document_trash.hold, reason="Mine")):
        with pytest.raises(staff_rights.MayNotHandle):
            act(document=document, by=elsewhere, now=NOW)
    document_trash.lift(document=document, by=other, now=NOW)
    document.refresh_from_db()
    assert not document.is_held


def test_the_desk_holds_it_and_lets_it_go(agent, practice, kim, document):
    """S3-07: retention and hold; a button that cannot do it says why."""
    browser, path = signed_in(agent, verified=True), f"{LISTED}{document.pk}/change/"
    document_shares.share_with_practice(document=document, practice=practice, by=agent, now=NOW)
    empty = browser.post(path, {"step": "hold", "reason": " "})
    assert empty.status_code == 422
    assert 'href="#id_reason"' in empty.content.decode()
    page = browser.post(path, {"step": "hold", "reason": "Audit of 2026"}, follow=True).content.decode()
    assert "It is held and cannot be deleted: Audit of 2026" in page
    assert 'value="delete"' not in page
    page = browser.post(path, {"step": "delete"}, follow=True).content.decode()
    assert "The document was not deleted: it must stay." in page
    own = signed_in(kim, verified=True)
    for shown in ("documents", "document"):
        address = reverse(shown, args=[PORTAL, *([document.pk] if shown == "document" else [])])
        page = own.get(address).content.decode()
        assert document.title in page
        assert "Audit of 2026" not in page, "why the plan keeps it is not the practice's"
        assert agent.get_full_name() not in page
    other = signed_in(make_staff("second.agent", "service desk", (PORTAL,)), verified=True)
    assert "Whoever set the hold lifts it." in other.get(path).content.decode()
    page = other.post(path, {"step": "lift"}, follow=True).content.decode()
    assert "a colleague holds it" in page
    assert "The document is no longer held." in browser.post(path, {"step": "lift"}, follow=True).content.decode()
    browser.post(path, {"step": "delete"})
    document.refresh_from_db()
    assert document.deleted_at
