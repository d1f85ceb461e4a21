"""Documents that nobody wants, and those that must stay: trash, hold, retention (S3-07)."""

from datetime import date, timedelta

import pytest

from identity.files import stored, vault
from identity.models import MassAct, StoredFile
from identity.policy import lifecycle
from identity.record.machine import ReasonMissing
from portals.inside.domain import document_shares, document_trash, documents
from portals.models import Document
from rbac.domain import memberships
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, PracticeFactory
from tests.steps import files
from tests.steps.documents import added, behind, handed_in, seen, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return PracticeFactory(name="Lakeside Clinic")


@pytest.fixture
def kim(practice):
    return worker(practice, "kim.office")


@pytest.fixture
def document(practice, kim):
    return added(kim, practice)


def test_what_is_deleted_is_seen_by_nobody_and_comes_back_as_it_was(practice, kim, document):
    lee = worker(practice, "lee.office")
    document_shares.share_with_practice(document=document, practice=practice, by=kim, now=NOW)
    document_trash.delete(document=document, by=kim, now=NOW)
    assert (seen(kim), seen(lee)) == (set(), set())
    with pytest.raises(documents.InTrash):
        document_trash.delete(document=document, by=kim, now=NOW)
    document_trash.restore(document=document, by=kim, now=NOW)
    assert (seen(kim), seen(lee)) == ({"Fire plan"}, {"Fire plan"})


def test_nothing_else_is_done_with_what_is_deleted(practice, kim, document):
    lee = worker(practice, "lee.office")
    document_trash.delete(document=document, by=kim, now=NOW)
    file = handed_in(kim)
    acts = [
        lambda: documents.add_version(document=document, file=file.pk, seen=1, by=kim, now=NOW),
        lambda: documents.describe(document=document, title="x", labels=[], kept_until=None, by=kim, now=NOW),
        lambda: document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW),
        lambda: document_shares.share_with_practice(document=document, practice=practice, by=kim, now=NOW),
        lambda: document_trash.hold(document=document, reason="x", by=kim, now=NOW),
    ]
    for act in acts:
        with pytest.raises(documents.InTrash):
            act()


def test_after_its_period_rows_and_bytes_are_gone(kim, document):
    """document_trash: 30 days, a second before and at the moment."""
    documents.add_version(document=document, file=handed_in(kim).pk, seen=1, by=kim, now=NOW)
    places = [vault.place_of(file.sha256) for file in StoredFile.objects.all()]
    document_trash.delete(document=document, by=kim, now=NOW)
    over = NOW + lifecycle.after("document_trash")
    assert document_trash.erase(now=over - timedelta(seconds=1)) == 0
    assert Document.objects.exists()
    assert document_trash.erase(now=over) == 1
    assert not Document.objects.exists()
    assert stored.forget_deleted(now=over) == 2
    assert not StoredFile.objects.exists()
    for place in places:
        with pytest.raises(vault.Missing):
            vault.read(place)


def test_bytes_that_another_document_holds_stay(practice, kim):
    content = files.pdf(text="the same")
    gone, kept = added(kim, practice, content=content), added(kim, practice, "Copy", content=content)
    document_trash.delete(document=gone, by=kim, now=NOW)
    document_trash.erase(now=NOW + lifecycle.after("document_trash"))
    stored.forget_deleted(now=NOW + lifecycle.after("document_trash"))
    assert b"".join(stored.read(file=documents.newest_of(kept).file)) == content


def test_what_is_held_cannot_be_deleted_and_says_why(practice, kim, document):
    """S3-07: a hold needs a reason."""
    with pytest.raises(ReasonMissing):
        document_trash.hold(document=document, reason="  ", by=kim, now=NOW)
    document_trash.hold(document=document, reason="Audit of 2026", by=kim, now=NOW)
    document.refresh_from_db()
    assert (document.hold_reason, document.held_by) == ("Audit of 2026", kim)
    with pytest.raises(document_trash.Held):
        document_trash.delete(document=document, by=kim, now=NOW)
    document_trash.lift(document=document, by=kim, now=NOW)
    document_trash.delete(document=document, by=kim, now=NOW)


def test_an_administrators_hold_is_not_lifted_by_the_owner(practice, kim, document):
    boss = worker(practice, "gus.admin", ADMINISTRATOR)
    document_trash.hold(document=document, reason="Audit", by=boss, now=NOW)
    document.refresh_from_db()
    for act in (document_trash.lift, lambda **said: document_trash.hold(reason="none", **said)):
        with pytest.raises(document_trash.MayNotLift):
            act(document=document, by=kim, now=NOW)
    assert not document_trash.can_lift(document, by=kim, now=NOW)
    other = worker(practice, "sol.admin", ADMINISTRATOR)
    assert document_trash.can_lift(document, by=other, now=NOW)
    (membership,) = behind(boss)
    memberships.end(membership=membership, by=None, now=NOW)
    assert document_trash.can_lift(document, by=kim, now=NOW), "whoever held it has left"


def test_it_is_kept_until_its_day(kim, document):
    """S3-07, retention: the day itself counts, where the practice lives."""
    documents.describe(document=document, title="x", labels=[], kept_until=date(2026, 12, 31), by=kim, now=NOW)
    last = NOW.replace(month=12, day=31)
    with pytest.raises(document_trash.StillKept):
        document_trash.delete(document=document, by=kim, now=last)
    document_trash.delete(document=document, by=kim, now=last + timedelta(days=1))


def test_too_many_at_once_wait_for_two_people(kim, document, monkeypatch):
    """policy: mass acts."""
    monkeypatch.setattr(document_trash.mass_acts, "PRUNING", document_trash.mass_acts.Limit(0, 0))
    document_trash.delete(document=document, by=kim, now=NOW)
    assert document_trash.erase(now=NOW + lifecycle.after("document_trash")) == 0
    assert MassAct.objects.get().kind == "erase deleted documents"
