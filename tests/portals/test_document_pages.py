"""The pages of documents: list, search, add, versions, share, hold, trash; who may, and what ends at once (S3-07, S4-16)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from identity.files import stored
from identity.files.doors import DOCUMENT
from identity.models import StoredFile
from portals.inside.domain import document_shares, documents
from portals.models import Document, DocumentOpening
from rbac.domain import memberships
from rbac.roles import ADMINISTRATOR
from tests.conftest import body, make_staff
from tests.factories import NOW, GrantFactory, PracticeFactory
from tests.steps import files
from tests.steps.documents import added, behind, crowd, handed_in, worker
from tests.steps.grid import publish, works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LIST = "/p/provider-online/documents/"


def at(name, *named):
    return reverse(name, args=["provider-online", *named])


@pytest.fixture
def practice():
    return PracticeFactory(name="Lakeside Clinic")


@pytest.fixture
def kim(practice):
    return worker(practice, "kim.office")


@pytest.fixture
def lee(practice):
    return worker(practice, "lee.office")


def browser_of(account) -> Client:
    return signed_in(account, verified=True)


def page_of(browser, path, **more) -> str:
    answer = browser.get(path, **more)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def upload(browser, path, content=None, name="fire-plan.pdf"):
    return browser.post(path, {"file": SimpleUploadedFile(name, files.pdf() if content is None else content)})


def test_from_the_tile_to_a_document_that_is_found_by_what_it_says(kim):
    """S3-03 (4), S3-07: save, search and organize; the file first, then what it is."""
    browser = browser_of(kim)
    home = page_of(browser, "/p/provider-online/home/")
    assert f'href="{LIST}"' in home
    empty = page_of(browser, LIST)
    assert "No document yet. Add one" in empty
    sent = upload(browser, at("document_add"), files.pdf_saying("Meet at gate seven"))
    file = StoredFile.objects.get()
    assert sent.url == at("document_describe", file.pk)
    begun = page_of(browser, sent.url)
    assert 'value="fire-plan"' in begun
    assert "It opens once it is checked." in begun
    typed = {"title": "Fire plan", "new_labels": "Safety, 2026", "kept_until": ""}
    shown = browser.post(sent.url, typed, follow=True)
    document = Document.objects.get()
    assert shown.redirect_chain == [(at("document", document.pk), 302)]
    page = shown.content.decode()
    assert "“Fire plan” is added." in page
    assert "being checked" in page
    assert "Look at it" not in page
    assert stored.inspect_next(now=file.due_at)
    page = page_of(browser, LIST + "?q=gate")
    assert "Fire plan" in page
    assert "not scanned for viruses" in page
    assert "Look at it" in page_of(browser, at("document", document.pk))
    nothing = page_of(browser, LIST + "?q=zebra")
    assert "No document holds “zebra”." in nothing
    label = document.labels.get(name="Safety")
    assert "Fire plan" in page_of(browser, f"{LIST}?label={label.pk}")


@pytest.mark.parametrize("label", ["999999", "x", "-1", "1" * 30])
def test_an_unknown_label_is_not_found(kim, label):
    assert browser_of(kim).get(f"{LIST}?label={label}").status_code == 404


def test_a_label_of_another_practice_is_an_unknown_one(kim, practice):
    other = PracticeFactory()
    elsewhere = added(worker(other, "uma.office"), other, labels=["Theirs"])
    label = elsewhere.labels.get()
    browser = browser_of(kim)
    assert browser.get(f"{LIST}?label={label.pk}").status_code == 404
    assert "Theirs" not in page_of(browser, LIST)
    document = added(kim, practice, labels=["Ours"])
    answer = browser.post(at("document_edit", document.pk), {"title": "x", "labels": ["Theirs"], "new_labels": ""})
    assert answer.status_code == 422
    assert answer.content.decode().count("Choose labels of the list, or type new ones below.") == 2


def test_what_is_typed_wrong_is_said_and_kept(kim):
    browser = browser_of(kim)
    path = at("document_describe", handed_in(kim).pk)
    answer = browser.post(path, {"title": "", "new_labels": "a" * 41, "kept_until": "soon"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for told in ("Fill in “Title”.", "A label has 40 characters at most.", "Enter a date as month/day/year"):
        assert page.count(told) == 2, told
    assert 'value="soon"' in page
    many = ",".join(f"label {number}" for number in range(11))
    answer = browser.post(path, {"title": "x", "new_labels": many})
    assert answer.content.decode().count("A document has 10 labels at most.") == 2
    assert not Document.objects.exists()


def test_looking_at_it_is_told_to_who_added_it(kim, lee, practice):
    """inside: "who has read this"; the page with the list of versions shows nothing of the file yet."""
    document = added(kim, practice, content=files.pdf(2))
    document_shares.share_with_practice(document=document, practice=practice, by=kim, now=NOW)
    mine, theirs = browser_of(kim), browser_of(lee)
    assert "not opened by you" in page_of(theirs, LIST)
    assert "Who has opened it" not in page_of(theirs, at("document", document.pk))
    assert "Nobody yet." in page_of(mine, at("document", document.pk))
    looked = page_of(theirs, at("document_version", document.pk, 1))
    assert 'alt="Page 2 of 2 of Fire plan"' in looked
    picture = theirs.get(at("document_page", document.pk, 1, 2))
    assert (picture["Content-Type"], body(picture)[:4]) == ("image/png", b"\x89PNG")
    assert DocumentOpening.objects.get().account == lee
    assert lee.get_full_name() in page_of(mine, at("document", document.pk)).partition("Who has opened it")[2]
    assert "not opened by you" not in page_of(theirs, LIST)


@pytest.mark.parametrize("name", ["document_download", "document_page"])
def test_nobody_reads_it_unseen(kim, lee, practice, name):
    document = added(kim, practice)
    document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
    answer = browser_of(lee).get(at(name, document.pk, 1, *([1] if name == "document_page" else [])))
    assert body(answer)
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert DocumentOpening.objects.get().account == lee


def ways(document):
    return [
        at("document", document.pk), at("document_version", document.pk, 1), at("document_download", document.pk, 1),
        at("document_page", document.pk, 1, 1), f"/id/files/{documents.newest_of(document).file_id}/",
        f"/id/files/{documents.newest_of(document).file_id}/download/",
    ]  # fmt: skip


def test_a_share_that_ends_ends_every_way_at_the_next_request(kim, lee, practice):
    """inside: page, file and pictures, while the page is open; the answer is that of nothing."""
    document = added(kim, practice)
    theirs = browser_of(lee)
    for share, unshare, receiver in (
        (document_shares.share_with_person, document_shares.unshare_with_person, {"person": lee}),
        (document_shares.share_with_practice, document_shares.unshare_with_practice, {"practice": practice}),
    ):
        share(document=document, by=kim, now=NOW, **receiver)
        assert [theirs.get(path).status_code for path in ways(document)] == [200] * 4 + [404] * 2
        unshare(document=document, by=kim, now=NOW, **receiver)
        assert [theirs.get(path).status_code for path in ways(document)] == [404] * 6


def test_a_document_deleted_or_a_membership_ended_ends_every_way(kim, practice):
    """The one who added it has no way beside it either."""
    document, browser = added(kim, practice), browser_of(kim)
    assert [browser.get(path).status_code for path in ways(document)] == [200] * 4 + [404] * 2
    browser.post(at("document_delete", document.pk))
    assert [browser.get(path).status_code for path in ways(document)] == [404] * 6
    browser.post(at("document_restore", document.pk))
    assert browser.get(at("document", document.pk)).status_code == 200
    elsewhere = PracticeFactory()
    (membership,) = behind(kim)
    memberships.open(
        grant=membership.grant, practice=elsewhere, role="user", origin="staff", reason="x", by=None, now=NOW
    )
    memberships.end(membership=membership, by=None, now=NOW)
    assert [browser.get(path).status_code for path in ways(document)] == [404] * 6


def test_who_reads_it_changes_nothing(kim, lee, practice):
    """The answer to whoever may not is that of a document that does not exist."""
    document = added(kim, practice)
    document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
    browser = browser_of(lee)
    page = page_of(browser, at("document", document.pk))
    for word in ("Change title, labels and how long it is kept", "Add a version", "Share it", "Delete", "Hold it"):
        assert word not in page
    for name in ("edit", "share", "hold", "version_add"):
        assert browser.get(at(f"document_{name}", document.pk)).status_code == 404, name
    for name in ("edit", "share", "hold", "unshare", "delete", "restore", "lift"):
        assert browser.post(at(f"document_{name}", document.pk), {"reason": "x"}).status_code == 404, name
    document.refresh_from_db()
    assert (document.deleted_at, document.held_at) == (None, None)


class TestVersions:
    def test_a_version_is_added_in_two_steps_and_earlier_ones_stay(self, kim, practice):
        document, browser = added(kim, practice), browser_of(kim)
        sent = upload(browser, at("document_version_add", document.pk), name="fire-plan-2.pdf")
        assert "Add as version 2" in page_of(browser, sent.url)
        page = browser.post(sent.url, {"seen": 1}, follow=True).content.decode()
        assert "Version 2 is added." in page
        assert "fire-plan-2.pdf" in page
        assert "plan.pdf" in page

    def test_two_tabs_add_one_at_once(self, kim, practice):
        """issue 15: the second is told, looks, and its file is not lost; a doubled press is one version."""
        document, browser = added(kim, practice), browser_of(kim)
        one, two = (upload(browser, at("document_version_add", document.pk)).url for _ in range(2))
        assert browser.post(one, {"seen": 1}).status_code == 302
        assert browser.post(one, {"seen": 1}).status_code == 404, "it is a version already"
        late = browser.post(two, {"seen": 1})
        assert late.status_code == 409
        assert "Somebody added a version meanwhile." in late.content.decode()
        assert browser.post(two, {"seen": 2}).status_code == 302
        assert [one.number for one in document.versions.order_by("number")] == [1, 2, 3]

    @pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40])
    def test_a_form_that_saw_nothing_adds_nothing(self, kim, practice, seen):
        document, browser = added(kim, practice), browser_of(kim)
        path = upload(browser, at("document_version_add", document.pk)).url
        assert browser.post(path, {"seen": seen}).status_code == 200
        assert document.versions.count() == 1


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "name", "told"),
        [
            (b"", "scan.pdf", "The file is empty."),
            (b"MZ\x90\x00", "scan.exe", "This kind of file is not taken here."),
            (files.EICAR, "scan.pdf", "This kind of file is not taken here."),
            (files.pdf(), "scan.pdf.exe", "The name of the file does not fit what it holds."),
        ],
    )
    def test_what_shows_at_once_is_said_at_the_field(self, kim, content, name, told):
        answer = upload(browser_of(kim), at("document_add"), content, name)
        assert answer.status_code == 422
        assert answer.content.decode().count(told) == 2
        assert not StoredFile.objects.exists()

    @pytest.mark.parametrize("made", [
        lambda: (files.pdf(script="app.alert(1)"), "a.pdf"),
        lambda: (files.pdf(password="secret"), "a.pdf"),
        lambda: (files.pdf(21), "a.pdf"),
        lambda: (files.pdf()[:300], "a.pdf"),
        lambda: (files.pdf_elsewhere(), "a.pdf"),
        lambda: (files.png_bomb(), "a.png"),
        lambda: (files.picture() + files.document(), "a.png"),
        lambda: (files.picture("TIFF", size=(10_000, 10_000), mode="1"), "a.tif"),
        lambda: (files.locked_document(), "a.docx"),
        lambda: (files.document(("word/vbaProject.bin", b"x")), "a.docx"),
    ])  # fmt: skip
    def test_a_hostile_file_becomes_no_document(self, kim, made):
        """ground, the twelve hostile files, through this door: a sentence, and nobody opens them."""
        content, name = made()
        browser = browser_of(kim)
        path = upload(browser, at("document_add"), content, name).url
        assert stored.inspect_next(now=StoredFile.objects.get().due_at)
        page = page_of(browser, path)
        file = StoredFile.objects.get()
        assert file.state == "refused"
        assert str(file.why_refused) in page
        browser.post(path, {"title": "x", "new_labels": ""})
        assert not Document.objects.exists()

    @pytest.mark.parametrize("name", ["plan\u202efdp.exe", "a\\b.pdf"])
    def test_a_name_that_means_harm_is_refused(self, kim, name):
        file = SimpleUploadedFile("a.pdf", files.pdf())
        file._name = name
        assert browser_of(kim).post(at("document_add"), {"file": file}).status_code == 400
        assert not StoredFile.objects.exists()

    def test_a_file_too_large_is_stopped_and_one_cut_in_the_middle_leaves_nothing(self, kim):
        browser = browser_of(kim)
        assert upload(browser, at("document_add"), files.pdf() + bytes(DOCUMENT.max_bytes)).status_code == 413
        head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + files.pdf()[:200]
        answer = browser.generic("POST", at("document_add"), head, content_type="multipart/form-data; boundary=cut")
        assert answer.status_code in (400, 422)
        assert not StoredFile.objects.exists()

    def test_a_refusal_that_comes_later_stands_on_the_document(self, kim, practice):
        """A file may be named before it was looked at."""
        file = handed_in(kim, content=files.pdf(script="app.alert(1)"), looked_at=False)
        document = added(kim, practice, file=file)
        assert stored.inspect_next(now=NOW)
        page = page_of(browser_of(kim), at("document", document.pk))
        assert "refused" in page
        assert "Download" not in page
        assert browser_of(kim).get(at("document_download", document.pk, 1)).status_code == 404

    def test_a_file_that_is_not_wanted_is_dropped(self, kim, lee):
        file = handed_in(kim)
        assert browser_of(lee).post(at("document_drop", file.pk)).status_code == 404
        browser = browser_of(kim)
        assert "plan.pdf" in page_of(browser, at("document_add"))
        browser.post(at("document_drop", file.pk))
        assert "Begun, and not added yet" not in page_of(browser, at("document_add"))


class TestSharing:
    def test_it_is_shared_and_taken_back_on_its_page(self, kim, lee, practice, inbox):
        document, browser = added(kim, practice), browser_of(kim)
        page = page_of(browser, at("document_share", document.pk))
        assert "Everybody at Lakeside Clinic" in page
        assert lee.get_full_name() in page
        shown = browser.post(at("document_share", document.pk), {"receiver": lee.pk}, follow=True).content.decode()
        assert f"“Fire plan” is shared with {lee.get_full_name()}." in shown
        assert inbox.newest("mail", lee.email).link == at("document", document.pk)
        browser.post(at("document_share", document.pk), {"receiver": "practice"})
        assert "Everybody who works there can read it already." in page_of(browser, at("document_share", document.pk))
        for receiver in (lee.pk, "practice"):
            browser.post(at("document_unshare", document.pk), {"receiver": receiver})
        assert browser_of(lee).get(at("document", document.pk)).status_code == 404

    @pytest.mark.parametrize("receiver", ["", "0", "x", "999999999"])
    def test_it_is_shared_with_nobody_else(self, kim, lee, practice, receiver):
        document = added(kim, practice)
        stranger = worker(PracticeFactory(), "uma.office")
        for typed in (receiver, str(stranger.pk)):
            answer = browser_of(kim).post(at("document_share", document.pk), {"receiver": typed})
            assert answer.status_code == 422


class TestKeeping:
    def test_a_hold_needs_a_reason_and_the_button_says_why(self, kim, practice):
        """S3-07; issue 15: hold without a reason."""
        document, browser = added(kim, practice), browser_of(kim)
        answer = browser.post(at("document_hold", document.pk), {"reason": " "})
        assert answer.status_code == 422
        assert answer.content.decode().count("Fill in “Why must it stay?”.") == 2
        browser.post(at("document_hold", document.pk), {"reason": "Audit of 2026"})
        page = page_of(browser, at("document", document.pk))
        assert "It is held and cannot be deleted: Audit of 2026" in page
        assert "disabled>Delete</button>" in page
        refused = browser.post(at("document_delete", document.pk), follow=True).content.decode()
        assert "The document was not deleted: it must stay." in refused
        browser.post(at("document_lift", document.pk))
        assert "disabled>Delete" not in page_of(browser, at("document", document.pk))

    def test_an_administrators_hold_stays(self, kim, practice):
        document = added(kim, practice)
        boss = worker(practice, "gus.admin", ADMINISTRATOR)
        browser_of(boss).post(at("document_hold", document.pk), {"reason": "Audit"})
        browser = browser_of(kim)
        assert "Lift the hold" not in page_of(browser, at("document", document.pk))
        told = browser.post(at("document_lift", document.pk), follow=True).content.decode()
        assert "Whoever set the hold lifts it" in told
        document.refresh_from_db()
        assert document.is_held

    def test_it_lies_in_the_trash_and_comes_back(self, kim, practice):
        document, browser = added(kim, practice), browser_of(kim)
        assert "The trash is empty." in page_of(browser, at("document_trash"))
        shown = browser.post(at("document_delete", document.pk), follow=True).content.decode()
        assert "“Fire plan” is in the trash. You can take it back until" in shown
        assert "Fire plan" not in page_of(browser, LIST)
        back = browser.post(at("document_restore", document.pk), follow=True).content.decode()
        assert "“Fire plan” is back" in back


def test_a_portal_without_the_tile_has_no_documents(provider):
    """C26: the definition decides."""
    GrantFactory(account=provider)
    assert signed_in(provider).get("/p/claims/documents/").status_code == 404


def test_the_list_goes_on_and_no_number_breaks_it(kim, practice):
    crowd(practice, kim, 31)
    browser = browser_of(kim)
    first = page_of(browser, LIST)
    assert "Paper 29" in first
    assert "Paper 30" not in first
    assert 'href="?page=2"' in first
    second = page_of(browser, f"{LIST}?page=2")
    assert "Paper 30" in second
    assert "Paper 29<" not in second
    for number in ("0", "-1", "x", "9" * 30, ""):
        page_of(browser, f"{LIST}?page={number}")


class TestOptumPro:
    """C26: "Document Mgmt" of the grid leads to the same pages, and the grid decides who opens them."""

    def test_its_tile_leads_here_and_a_practice_keeps_documents(self):
        row = works_as("front_office", market="CO", portal_key="optum-pro")
        account, practice = row.grant.account, row.practice
        browser = signed_in(account)
        home = page_of(browser, "/p/optum-pro/home/")
        assert 'href="/p/optum-pro/documents/"' in home
        document = added(account, practice, portal_key="optum-pro")
        assert "Fire plan" in page_of(browser, "/p/optum-pro/documents/")
        page = page_of(browser, f"/p/optum-pro/documents/{document.pk}/")
        assert "Optum Health" in page
        assert "The administrators of the practice" not in page, "there are none here"

    def test_whom_the_grid_does_not_open_it_reads_why(self):
        row = works_as("front_office", market="CO", portal_key="optum-pro")
        document = added(row.grant.account, row.practice, portal_key="optum-pro")
        browser = signed_in(row.grant.account)
        first, second = (make_staff(name, "operator") for name in ("olga.one", "omar.two"))
        publish(by=first, second=second, off=[("CO", "document_mgmt")], effective_from=NOW + timedelta(days=1))
        for path in ("/p/optum-pro/documents/", f"/p/optum-pro/documents/{document.pk}/1/file/"):
            answer = browser.get(path)
            assert answer.status_code == 403
            assert "Document Mgmt" in answer.content.decode()
        assert "/p/optum-pro/documents/" not in page_of(browser, "/p/optum-pro/home/")

    def test_a_document_of_one_portal_is_none_of_the_other(self, practice, kim):
        document = added(kim, practice)
        row = works_as("front_office", market="CO", portal_key="optum-pro")
        assert signed_in(row.grant.account).get(f"/p/optum-pro/documents/{document.pk}/").status_code == 404
