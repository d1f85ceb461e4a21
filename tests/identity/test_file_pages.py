"""Pages of files: handing one in, what the page says, looking, saving, deleting; and the limit while bytes arrive."""

import io
import re
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from identity.codes import attempts
from identity.files import stored, upload_limit
from identity.files.doors import MESSAGE
from identity.models import Account, SavedPost, StoredFile
from portals.legacy import legacy_imports
from tests.conftest import body
from tests.steps import files
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/id/files/message/"


def masked(page: str) -> str:
    """Without what each answer has of its own: token and nonce."""
    return re.sub(r'(value|nonce)="[^"]{20,}"', "", page)


def send(browser, content=None, name="scan.pdf", **more):
    file = SimpleUploadedFile(name, files.pdf() if content is None else content)
    return browser.post(PAGE, {"file": file, **more})


def test_a_file_is_handed_in_looked_at_and_read(provider):
    """S3-16, S4-16, ground 3: a step of its own, before the message."""
    browser = signed_in(provider)
    assert "No file yet" in browser.get(PAGE).content.decode()
    content = files.pdf(2)
    assert send(browser, content).url == PAGE
    file = StoredFile.objects.get()
    page = browser.get(PAGE).content.decode()
    assert "scan.pdf" in page
    assert "being checked" in page
    assert "Download" not in page
    assert browser.get(reverse("download_file", args=[file.pk])).status_code == 404
    assert browser.get(reverse("file_page", args=[file.pk, 1])).status_code == 404
    stored.inspect_next(now=file.due_at)
    page = browser.get(PAGE).content.decode()
    assert "not scanned for viruses" in page
    assert "Download" in page
    saved = browser.get(reverse("download_file", args=[file.pk]))
    assert body(saved) == content
    assert saved["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert saved["Content-Length"] == str(len(content))
    looked = browser.get(reverse("file", args=[file.pk])).content.decode()
    assert looked.count("<img") - browser.get(PAGE).content.decode().count("<img") == 2
    assert 'alt="Page 2 of 2 of scan.pdf"' in looked
    picture = browser.get(reverse("file_page", args=[file.pk, 2]))
    assert picture["Content-Type"] == "image/png"
    assert body(picture).startswith(b"\x89PNG")
    for answer in (saved, picture):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert "no-store" in answer["Cache-Control"]
    assert browser.get(reverse("file_page", args=[file.pk, 3])).status_code == 404
    assert browser.get(reverse("file_page", args=[file.pk, 0])).status_code == 404


def test_an_office_document_is_only_for_saving(provider):
    """ground 3: office documents are never opened here."""
    file = files.looked_at(provider, content=files.document(), name="letter.docx")
    browser = signed_in(provider)
    page = browser.get(reverse("file", args=[file.pk])).content.decode()
    assert "We do not open documents of this kind" in page
    assert browser.get(reverse("file_page", args=[file.pk, 1])).status_code == 404
    assert body(browser.get(reverse("download_file", args=[file.pk]))) == files.document()


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "scan.pdf", "The file is empty."),
        (b"MZ\x90\x00", "scan.exe", "This kind of file is not taken here."),
        (files.EICAR, "scan.pdf", "This kind of file is not taken here."),
        (files.pdf(), "scan.pdf.exe", "The name of the file does not fit what it holds."),
        (files.pdf() + bytes(MESSAGE.max_bytes - 10_000), "scan.pdf", None),
    ],
)
def test_what_shows_at_once_is_said_at_the_field_and_in_the_summary(provider, content, name, told):
    answer = send(signed_in(provider), content, name)
    if told is None:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(told) == 2
    assert "Error:" in page
    assert not StoredFile.objects.exists()


def test_nobody_keeps_the_worker_busy(provider, stranger, monkeypatch):
    """Thirty files an hour of one account; nobody else waits for that."""
    monkeypatch.setattr(attempts, "FILES", 2)
    browser = signed_in(provider)
    for _ in range(2):
        assert send(browser).status_code == 302
    answer = send(browser)
    assert answer.status_code == 422
    assert answer.content.decode().count("You have sent many files.") == 2
    assert StoredFile.objects.count() == 2
    assert send(signed_in(stranger)).status_code == 302


def test_no_file_at_all(provider):
    answer = signed_in(provider).post(PAGE, {})
    assert answer.status_code == 422
    assert answer.content.decode().count("Choose a file first.") == 2


def test_the_worker_s_refusal_is_read_in_the_list_and_the_file_deleted(provider):
    file = files.looked_at(provider, content=files.pdf(script="app.alert(1)"))
    browser = signed_in(provider)
    page = browser.get(PAGE).content.decode()
    assert "holds a program or another file" in page
    assert "Download" not in page
    assert browser.get(reverse("download_file", args=[file.pk])).status_code == 404
    assert browser.post(reverse("delete_file", args=[file.pk])).url == PAGE
    assert "“scan.pdf” is deleted." in browser.get(PAGE).content.decode()
    for name in ("file", "download_file"):
        assert browser.get(reverse(name, args=[file.pk])).status_code == 404
    assert browser.post(reverse("delete_file", args=[file.pk])).status_code == 404


def test_somebody_else_s_file_and_a_missing_one_are_the_same(provider, stranger):
    """house, conventions: object checks are in the query."""
    file = files.looked_at(provider)
    browser, other = signed_in(stranger), "00000000-0000-4000-8000-000000000000"
    for name, more in (("file", []), ("download_file", []), ("file_page", [1])):
        answers = [browser.get(reverse(name, args=[pk, *more])) for pk in (file.pk, other)]
        assert [answer.status_code for answer in answers] == [404, 404]
        said = [
            answer.content.decode().replace(str(pk), "") for answer, pk in zip(answers, (file.pk, other), strict=True)
        ]
        assert masked(said[0]) == masked(said[1])
    assert browser.post(reverse("delete_file", args=[file.pk])).status_code == 404
    assert StoredFile.objects.get().deleted_at is None
    assert "scan.pdf" not in browser.get(PAGE).content.decode()
    assert Client().get(reverse("download_file", args=[file.pk])).status_code == 302


def test_a_file_of_a_message_is_not_deleted_from_here(provider):
    file = files.looked_at(provider)
    stored.attach(keys=[file.pk], door=MESSAGE, by=provider, now=file.created_at)
    page = signed_in(provider).post(reverse("delete_file", args=[file.pk]), follow=True).content.decode()
    assert "it is part of a message" in page
    assert "scan.pdf" not in page  # the list is of loose ones


def test_the_way_back_leads_within_this_site_only(provider):
    browser = signed_in(provider)
    assert 'href="/id/tickets/"' in browser.get(PAGE, {"next": "/id/tickets/"}).content.decode()
    assert send(browser, next="/id/tickets/").url == f"{PAGE}?next=%2Fid%2Ftickets%2F"
    assert 'href="//evil' not in browser.get(PAGE, {"next": "//evil.example"}).content.decode()
    assert send(browser, next="https://evil.example/").url == PAGE


def test_a_saved_post_holds_no_file(provider, settings):
    """ground 3: what a lost session had sent is kept without it; the page asks for the file again."""
    browser = signed_in(provider)
    from identity.sessions import idle

    idle.stop(browser.session.session_key)
    send(browser, b"%PDF-secret content")
    assert all("secret" not in str(held.body) for held in SavedPost.objects.all())
    assert not StoredFile.objects.exists()


class TestWhileItArrives:
    """ground 3: a global handler stops at the door's limit while bytes stream, whoever reads the body first."""

    def test_a_file_over_the_limit_is_a_page_with_a_sentence(self, provider):
        answer = send(signed_in(provider), bytes(MESSAGE.max_bytes + 2_000_000))
        assert answer.status_code == 413
        assert "The file is larger than this page takes." in answer.content.decode()
        assert f'href="{PAGE}"' in answer.content.decode()
        assert not StoredFile.objects.exists()

    def test_it_speaks_spanish(self, provider):
        browser = signed_in(provider)
        browser.get("/id/language/es/")
        answer = send(browser, bytes(MESSAGE.max_bytes + 2_000_000))
        assert 'lang="es"' in answer.content.decode()

    def test_nothing_is_read_that_is_announced_to_be_too_large(self, provider):
        body = _Counted(100_000_000)
        assert _post(signed_in(provider), PAGE, body).status_code == 413
        assert body.read_bytes == 0

    def test_whoever_lies_about_the_length_is_stopped_at_the_byte_that_is_too_many(self, provider, monkeypatch):
        """And what came before it lies in no memory: it grows by less than a tenth of what was sent."""
        monkeypatch.setattr(upload_limit, "FORM", 200_000_000)
        body, browser = _Counted(100_000_000), signed_in(provider)
        tracemalloc.start()
        try:
            assert _post(browser, PAGE, body).status_code == 413
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert MESSAGE.max_bytes < body.read_bytes < MESSAGE.max_bytes + 500_000
        assert most < 10_000_000

    @pytest.mark.parametrize("path", ["/id/sign-in/", "/id/tickets/", "/admin/"])
    def test_a_page_without_a_door_takes_no_file(self, path):
        """The check of the form token reads the body, of strangers too."""
        browser = Client(enforce_csrf_checks=True)
        browser.get("/id/sign-in/")
        answer = browser.post(path, {"file": SimpleUploadedFile("a.pdf", bytes(2000)), "login": "x"})
        assert answer.status_code == 413
        assert browser.post(path, {"login": "x"}).status_code == 403

    def test_a_form_without_a_file_is_read_as_ever(self, client):
        answer = client.post("/id/sign-in/", {"login": "somebody"}, format="multipart")
        assert answer.url == "/id/sign-in/password/"

    @pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "a\\b.pdf", "invoice\u202efdp.pdf"])
    def test_a_name_that_hides_something_is_refused(self, provider, name):
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        answer = signed_in(provider).generic(
            "POST", PAGE, head + files.pdf() + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
        )
        assert answer.status_code == 400
        assert "Rename the file" in answer.content.decode()
        assert not StoredFile.objects.exists()

    def test_lists_of_old_accounts_have_their_own_limit(self):
        """What was possible stays possible: that page takes lists of up to 500 MB."""
        request = RequestFactory().post(reverse("admin:portals_legacyimport_add"))
        request.user = Account(is_staff=True)
        assert upload_limit.UploadLimit(request).most == legacy_imports.LARGEST
        assert upload_limit.UploadLimit(RequestFactory().post(PAGE)).most == MESSAGE.max_bytes

    @pytest.mark.parametrize("who", ["nobody", "provider"])
    def test_only_staff_fill_a_disk_with_lists_of_old_accounts(self, provider, who):
        """ground 3: the check of the form token reads the body of everybody: 500 MB are taken from no stranger."""
        browser, body = Client(enforce_csrf_checks=True), _Counted(20_000_000)
        browser.get("/id/sign-in/")
        if who == "provider":
            browser.force_login(provider)
        assert _post(browser, reverse("admin:portals_legacyimport_add"), body).status_code == 413
        assert body.read_bytes < 2_000_000


class _Counted(io.RawIOBase):
    """A body that is made while it is read."""

    def __init__(self, size: int) -> None:
        self.head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
        self.left, self.size, self.read_bytes = size, size + len(self.head), 0

    def read(self, size=-1):
        begin, self.head = self.head[:size], self.head[size:]
        made = begin or bytes(min(size, self.left))
        self.left -= 0 if begin else len(made)
        self.read_bytes += len(made)
        return made


def _post(browser, path, body):
    facts = {"wsgi.input": body, "CONTENT_LENGTH": str(body.size), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    return browser.generic("POST", path, **facts)
