"""Documents with real commits: the nudge after a hand-in, and who wins where two come at once (S3-07)."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from identity.files import stored
from identity.models import StoredFile
from portals.inside.domain import document_search, document_shares, document_trash, documents
from portals.models import Document, DocumentLabel, DocumentOpening, DocumentUserObjectPermission
from tests.factories import NOW, PracticeFactory
from tests.steps import files
from tests.steps.documents import PORTAL, added, handed_in, worker
from tests.steps.sign_in import signed_in
from tests.together import together, turn_by_turn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def practice():
    return PracticeFactory(name="Lakeside Clinic")


@pytest.fixture
def kim(practice):
    return worker(practice, "kim.office")


def test_a_document_is_found_and_read_after_its_commits(kim):
    """The nudge is a task; here it runs at once, and before the document is named: its words come with it."""
    browser = signed_in(kim, verified=True)
    file = SimpleUploadedFile("plan.pdf", files.pdf_saying("Meet at gate seven"))
    sent = browser.post(reverse("document_add", args=[PORTAL]), {"file": file})
    assert StoredFile.objects.get().state == "clean"
    shown = browser.post(sent.url, {"title": "Fire plan", "new_labels": ""})
    assert browser.get(shown.url).status_code == 200
    assert "Fire plan" in browser.get(reverse("documents", args=[PORTAL]) + "?q=gate").content.decode()


class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _quiet(self, monkeypatch):
        monkeypatch.setattr(stored.QUEUE, "nudge", lambda: None)

    def test_of_versions_that_are_added_at_once_each_number_is_one(self, kim, practice):
        """issue 15: two tabs add a version at once."""
        document = added(kim, practice)
        waiting = [handed_in(kim) for _ in range(4)]

        def add():
            try:
                file = waiting.pop()
                return documents.add_version(document=document, file=file.pk, seen=1, by=kim, now=NOW).number
            except documents.NewerVersion:
                return 0

        assert sorted(together(add, threads=4)) == [0, 0, 0, 2]
        assert StoredFile.objects.loose().count() == 3, "no file is lost"

    def test_one_share_one_mail_and_one_opening_however_often_it_is_pressed(self, kim, practice):
        document, lee = added(kim, practice), worker(practice, "lee.office")

        def share():
            document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
            documents.note_opened(version=documents.newest_of(document), by=lee, now=NOW)

        together(share, threads=5)
        assert DocumentUserObjectPermission.objects.count() == 1
        assert DocumentOpening.objects.count() == 1

    def test_a_hold_and_a_delete_at_once_leave_one_of_the_two(self, kim, practice):
        document = added(kim, practice)
        acts = [
            lambda: document_trash.hold(document=document, reason="Audit", by=kim, now=NOW),
            lambda: document_trash.delete(document=document, by=kim, now=NOW),
        ]

        def act():
            try:
                acts.pop()()
            except (document_trash.Held, documents.InTrash):
                return "no"
            return "done"

        assert sorted(together(act, threads=2)) == ["done", "no"]
        document.refresh_from_db()
        assert document.is_held != (document.deleted_at is not None)

    def test_the_same_new_label_typed_at_once_is_one(self, kim, practice):
        rows = [added(kim, practice, f"No {number}") for number in range(3)]

        def label():
            documents.describe(document=rows.pop(), title="x", labels=["New"], kept_until=None, by=kim, now=NOW)

        together(label, threads=3)
        assert DocumentLabel.objects.count() == 1
        assert DocumentLabel.objects.get().documents.count() == 3

    def test_a_label_that_goes_while_it_is_put_on_is_there(self, kim, practice):
        """Of two who change labels at once, one takes a label off its last document and the other puts it on."""
        old, new = added(kim, practice, "Old", labels=["Fire"]), added(kim, practice, "New")
        begun, gone = threading.Event(), threading.Event()

        def take_off():
            with transaction.atomic():
                documents.describe(document=old, title="Old", labels=[], kept_until=None, by=kim, now=NOW)
                begun.set()
                gone.wait(1)  # the other one is on its way, or waits

        def put_on():
            begun.wait(5)
            documents.describe(document=new, title="New", labels=["Fire"], kept_until=None, by=kim, now=NOW)
            gone.set()

        turn_by_turn(take_off, put_on)
        assert [label.name for label in new.labels.all()] == ["Fire"]

    def test_a_file_that_is_looked_at_while_it_is_named_is_found(self, kim, practice):
        """Whichever commits first, the words are there. A worker leaves a row that is locked, and comes again."""
        file = handed_in(kim, content=files.pdf_saying("gate seven"), looked_at=False)
        acts = [lambda: added(kim, practice, file=file), lambda: stored.inspect_next(now=NOW)]
        together(lambda: acts.pop()(), threads=2)
        stored.inspect_next(now=NOW)
        assert document_search.found(Document.objects.all(), "gate").exists()
