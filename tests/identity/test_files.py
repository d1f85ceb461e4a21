"""Files that people hand over: what is taken, what is refused with a sentence, and where the bytes go."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from django.db import connection
from pikepdf import Array, Name, String

from identity.files import naming, serving, stored, vault
from identity.files.doors import MESSAGE
from identity.files.stored import Refused
from identity.governance import waiting_files
from identity.models import JournalEntry, StoredFile, Ticket
from identity.models.files import Kind, Refusal
from identity.policy import lifecycle
from identity.record import journal
from tests.factories import NOW
from tests.steps import files
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
State = StoredFile.State


def kept() -> list[str]:
    """The names of all that lies in the storage."""
    root = storages["uploads"]
    folders = root.listdir("uploads")[0] if root.exists("uploads") else []
    return sorted(name for folder in folders for name in root.listdir(f"uploads/{folder}")[1])


def happened(file) -> list[str]:
    return [entry.kind for entry in journal.history(of=file)][::-1]


def attempt(by, content: bytes, name: str) -> str:
    """What became of a file: why it was refused, at the door or by the worker; or its state."""
    try:
        file = files.looked_at(by, content=content, name=name)
    except Refused as refused:
        return refused.refusal.value
    return file.refusal or file.state


HOSTILE = {
    "polyglot": (lambda: files.pdf() + files.document(), "scan.pdf", "script"),
    "bomb": (files.png_bomb, "scan.png", "pixels"),
    "10,000 x 10,000 TIFF": (lambda: files.picture("TIFF", (10_000, 10_000), "1"), "scan.tif", "pixels"),
    "encrypted archive": (files.locked_document, "letter.docx", "locked"),
    "EICAR": (lambda: files.EICAR, "invoice.pdf", "kind"),
    "truncated": (lambda: files.pdf(3)[:700], "scan.pdf", "damaged"),
    "PDF with script": (lambda: files.pdf(script="app.alert(1)"), "scan.pdf", "script"),
    "double extension": (files.pdf, "invoice.pdf.exe", "name"),
    "0 bytes": (lambda: b"", "scan.pdf", "empty"),
    "right-to-left name": (files.pdf, "invoice\u202efdp.exe.pdf", "name"),
    "path in the name": (files.pdf, "../../etc/cron.d/scan.pdf", "name"),
    "2,000 pages": (lambda: files.pdf(2000), "scan.pdf", "pages"),
}
MORE = {
    "ending of another kind": (lambda: files.picture("PNG"), "scan.jpg", "name"),
    "locked PDF": (lambda: files.pdf(password="x"), "scan.pdf", "locked"),
    "PDF that looks for another one on a server": (
        lambda: files.pdf_that_asks(S=Name.GoToR, F=String(files.SERVER), D=Array([0, Name.Fit])),
        "scan.pdf",
        "script",
    ),
    "PDF that opens an address": (
        lambda: files.pdf_that_asks(S=Name.URI, URI=String("https://a.stranger/")),
        "scan.pdf",
        "script",
    ),
    "PDF whose page lies elsewhere": (files.pdf_elsewhere, "scan.pdf", "script"),
    "program in a document": (lambda: files.document(("word/vbaProject.bin", b"x")), "letter.docx", "script"),
    "file in a document": (lambda: files.document(("word/embeddings/oleObject1.bin", b"x")), "letter.docx", "script"),
    "macros in a table": (
        lambda: files.document(("xl/macrosheets/sheet1.xml", b"x"), main="xl/workbook.xml"),
        "list.xlsx",
        "script",
    ),
    "document that is none": (lambda: files.document(main="other.xml"), "letter.docx", "kind"),
    "document that unfolds": (lambda: files.document(("word/a.xml", bytes(301_000_000))), "letter.docx", "pixels"),
    "archive": (files.document, "letter.zip", "kind"),
    "two names in one archive": (lambda: files.document(("WORD/document.xml", b"y")), "letter.docx", "kind"),
    "truncated picture": (lambda: files.picture(size=(900, 900))[:60], "scan.png", "damaged"),
    "21 pages of a TIFF": (lambda: files.picture("TIFF", more=20), "scan.tif", "pages"),
    "larger than the door": (lambda: files.pdf() + bytes(MESSAGE.max_bytes), "scan.pdf", "size"),
    "page of a browser": (lambda: b"\xff\xd8\xff\xe0<html><script>", "scan.jpg", "script"),
}


@pytest.mark.parametrize("what", [*HOSTILE, *MORE])
def test_a_hostile_file_is_refused_with_a_sentence_and_never_served(provider, what):
    """ground, to be shown: twelve hostile files end as refused with a sentence (policy: scans)."""
    make, name, refusal = {**HOSTILE, **MORE}[what]
    assert attempt(provider, make(), name) == refusal
    assert str(Refusal(refusal).label).endswith(".")
    for file in StoredFile.objects.all():
        with pytest.raises(stored.NotServed):
            serving.open_for(file=file)
        assert len(kept()) == 1  # no picture of a page was made of it
        assert happened(file) == ["identity.FileReceived", "identity.FileRefused"]


GOOD = {
    "scan.pdf": (lambda: files.pdf(20), 20),
    "SCAN.PDF": (files.pdf, 1),
    "photo.jpg": (lambda: files.picture("JPEG", (4000, 3000)), 1),
    "photo.jpeg": (lambda: files.picture("JPEG") + b"MP4 of a moving photo" * 99, 1),
    "drawing.png": (lambda: files.picture("PNG", mode="RGBA"), 1),
    "fax.tif": (lambda: files.picture("TIFF", (1728, 2200), "1", more=2), 3),
    "large.png": (lambda: files.picture("PNG", (6300, 6300)), 1),
    "letter.docx": (files.document, 0),
    "list.xlsx": (lambda: files.document(main="xl/workbook.xml"), 0),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_people_send_is_looked_at_drawn_anew_and_given_back_as_it_was(provider, name):
    make, pages = GOOD[name]
    content = make()
    file = files.looked_at(provider, content=content, name=name)
    assert (file.state, file.refusal, file.page_count, file.shown_name) == (State.CLEAN, "", pages, name)
    assert happened(file) == ["identity.FileReceived", "identity.FileCleared"]
    assert b"".join(stored.read(file=file)) == content
    for page in range(1, pages + 1):
        assert b"".join(stored.read(file=file, page=page)).startswith(b"\x89PNG")
    with pytest.raises(stored.NotServed):
        stored.read(file=file, page=pages + 1)


class Objects(InMemoryStorage):
    """Like an object storage: whoever asks for a path of the file system is told that there is none."""

    def path(self, name):
        raise NotImplementedError

    def _relative_path(self, name):
        return name


class TestBytes:
    """ground 3: bytes lie once, by hash, encrypted, on any storage, and go with their last row."""

    def test_they_lie_once_for_two_owners_and_go_with_the_second(self, provider, stranger):
        """ground, to be shown: a stored file shared by two owners, one deletes."""
        content = files.pdf()
        mine, theirs = (files.looked_at(who, content=content) for who in (provider, stranger))
        assert len(kept()) == 2  # the file, and the picture of its page
        stored.delete(file=mine, by=provider, now=NOW)
        assert not StoredFile.objects.of(provider).exists()
        assert stored.forget_deleted(now=NOW) == 1
        assert b"".join(stored.read(file=theirs)) == content
        stored.delete(file=theirs, by=stranger, now=NOW)
        assert len(kept()) == 2
        assert stored.forget_deleted(now=NOW) == 1
        assert kept() == []
        assert not StoredFile.objects.exists()
        assert JournalEntry.objects.filter(kind="identity.FileDeleted").count() == 2

    def test_the_same_owner_twice_is_two_rows_and_one_content(self, provider):
        content = files.pdf()
        one, two = (files.received(provider, content=content) for _ in range(2))
        stored.delete(file=one, by=provider, now=NOW)
        stored.forget_deleted(now=NOW)
        assert stored.inspect_next(now=NOW)
        two.refresh_from_db()
        assert b"".join(stored.read(file=two)) == content

    def test_nothing_of_a_file_can_be_read_at_rest(self, provider):
        file = files.looked_at(provider, content=files.pdf(text="Maria Lopez"), name="Maria Lopez.pdf")
        root = storages["uploads"]
        for name in kept():
            with root.open(f"uploads/{name[:2]}/{name}") as at_rest:
                raw = at_rest.read()
            assert b"%PDF" not in raw
            assert b"PNG" not in raw
            assert file.sha256 not in name
        with connection.cursor() as cursor:
            cursor.execute("SELECT shown_name FROM identity_storedfile")
            assert "Maria" not in cursor.fetchone()[0]

    def test_a_new_key_reads_what_the_former_one_wrote(self, provider, settings):
        content = files.pdf()
        file = files.looked_at(provider, content=content)
        settings.FIELD_KEYS = (Fernet.generate_key().decode(), *settings.FIELD_KEYS)
        file.refresh_from_db()
        assert b"".join(stored.read(file=file)) == content

    @pytest.mark.parametrize(
        "change",
        [
            lambda lines: lines[:-1],  # cut off
            lambda lines: lines[1:],
            lambda lines: [lines[1], lines[0], *lines[2:]],  # exchanged
            lambda lines: [lines[0], lines[0], *lines[2:]],
            lambda lines: [lines[0][:-10] + b"AAAAAAAA=\n", *lines[1:]],
            lambda lines: [],
        ],
    )
    def test_what_was_changed_at_rest_is_not_read(self, change):
        content = [bytes(vault.PIECE), b"x" * vault.PIECE, b"end"]
        vault.keep("uploads/aa/one", content)
        assert b"".join(vault.read("uploads/aa/one")) == b"".join(content)
        path = Path(storages["uploads"].path("uploads/aa/one"))
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
        with pytest.raises(vault.Missing):
            b"".join(vault.read("uploads/aa/one"))

    def test_bytes_of_another_place_are_not_read_in_this_one(self):
        vault.keep("uploads/aa/one", [b"one"])
        Path(storages["uploads"].path("uploads/aa/one")).rename(storages["uploads"].path("uploads/aa/two"))
        with pytest.raises(vault.Missing):
            b"".join(vault.read("uploads/aa/two"))

    def test_a_storage_without_folders_will_do(self, provider, monkeypatch):
        """On any storage backend: none of it asks for a path."""
        objects = Objects()
        monkeypatch.setattr(vault, "_storage", lambda: objects)
        content = files.pdf()
        file = files.looked_at(provider, content=content)
        assert b"".join(stored.read(file=file)) == content
        vault.write(objects, vault.place_of(file.sha256), ContentFile(b"other"))  # it overwrites nothing
        assert b"".join(stored.read(file=file)) == content
        assert len(objects.listdir(f"uploads/{vault.place_of(file.sha256)[8:10]}")[1]) == 2
        stored.delete(file=file, by=provider, now=NOW)
        stored.forget_deleted(now=NOW)
        assert not objects.exists(vault.place_of(file.sha256))
        assert not objects.exists(vault.place_of(file.sha256, 1))

    def test_a_killed_process_leaves_no_half_file_under_its_name(self, monkeypatch):
        def killed(self, *_):
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            vault.keep("uploads/aa/one", [b"one"])
        with pytest.raises(vault.Missing):
            vault.read("uploads/aa/one")

    def test_a_storage_that_is_away_takes_nothing_and_leaves_nothing(self, provider, monkeypatch):
        monkeypatch.setattr(vault, "write", _away)
        with pytest.raises(OSError, match="away"):
            files.received(provider)
        assert not StoredFile.objects.of(provider).exists()
        monkeypatch.undo()
        stored.forget_deleted(now=NOW)
        assert not StoredFile.objects.exists()

    def test_bytes_that_cannot_be_deleted_now_are_deleted_at_the_next_run(self, provider, monkeypatch):
        file = files.looked_at(provider)
        stored.delete(file=file, by=provider, now=NOW)
        monkeypatch.setattr(vault, "forget", _away)
        assert stored.forget_deleted(now=NOW) == 0
        monkeypatch.undo()
        assert stored.forget_deleted(now=NOW) == 1
        assert kept() == []


def _away(*_):
    raise OSError("away")


class TestLooking:
    """ground 3: one fresh child a file, under limits; what goes wrong with the machine is not the file's fault."""

    def test_it_is_tried_again_when_the_storage_is_away_and_told_in_the_end(self, provider, monkeypatch):
        file = files.received(provider)
        monkeypatch.setattr(vault, "read", _away)
        now = NOW
        for _ in stored.PAUSES:
            assert stored.inspect_next(now=now)
            file.refresh_from_db()
            assert (file.state, file.problem) == (State.WAITING, "OSError")
            now = file.due_at
        assert now - NOW > lifecycle.after("file_waiting"), "the desk knows before it is given up"
        assert stored.inspect_next(now=now)
        file.refresh_from_db()
        assert (file.state, file.refusal) == (State.REFUSED, Refusal.UNCHECKED)
        assert happened(file)[-1] == "identity.FileRefused"
        assert not stored.inspect_next(now=now)

    def test_a_worker_that_came_too_late_says_nothing(self, provider):
        """Its lease was over, and another one looks at the file."""
        file = files.received(provider)
        slow = stored.QUEUE.claim(now=NOW)
        assert stored.inspect_next(now=NOW + stored.LEASE)
        file.refresh_from_db()
        assert file.state == State.CLEAN
        stored.inspect(file=slow, now=NOW + stored.LEASE)
        assert happened(file) == ["identity.FileReceived", "identity.FileCleared"]

    def test_a_file_that_is_deleted_meanwhile_leaves_nothing(self, provider):
        file = files.received(provider)
        claimed = stored.QUEUE.claim(now=NOW)
        stored.delete(file=file, by=provider, now=NOW)
        assert stored.forget_deleted(now=NOW) == 0  # a worker has it
        stored.inspect(file=claimed, now=NOW)
        assert stored.forget_deleted(now=NOW + stored.LEASE) == 1
        assert kept() == []

    def test_harm_that_is_found_later_is_refused_everywhere(self, provider, stranger):
        """ground 3: clean -> refused."""
        content = files.pdf()
        mine, theirs = (files.looked_at(who, content=content) for who in (provider, stranger))
        assert stored.refuse(file=mine, by=None, now=NOW) == 2
        for file in (mine, theirs):
            file.refresh_from_db()
            with pytest.raises(stored.NotServed):
                stored.read(file=file)
            assert "harmful" in str(file.why_refused)
            assert happened(file)[-1] == "identity.FileRefused"

    def test_the_desk_is_told_once_of_all_that_wait(self, provider, stranger, operator):
        """period file_waiting: still not served, and the desk reads it."""
        for who in (provider, stranger):
            files.received(who)
        late = NOW + lifecycle.after("file_waiting")
        assert waiting_files.alarm(now=late - timedelta(seconds=1)) is None
        ticket = waiting_files.alarm(now=late)
        assert "checked: 2," in words_of(ticket)[0]
        page = signed_in(operator, verified=True).get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert "The system" in page
        assert "checked: 2," in page
        assert waiting_files.alarm(now=late + timedelta(hours=1)) is None
        assert Ticket.objects.count() == 1
        with pytest.raises(stored.NotServed):
            stored.read(file=StoredFile.objects.first())


class TestAttaching:
    """ground 3: forms carry the file's id; only own ones that are not refused, each in one place."""

    def test_waiting_and_clean_ones_are_taken_in_the_order_that_was_asked_for(self, provider):
        clean, waiting = files.looked_at(provider), files.received(provider)
        taken = stored.attach(keys=[waiting.pk, clean.pk, waiting.pk], door=MESSAGE, by=provider, now=NOW)
        assert taken == [waiting, clean]
        assert not StoredFile.objects.of(provider).loose().exists()
        with pytest.raises(stored.InUse):
            stored.delete(file=clean, by=provider, now=NOW)

    def test_nothing_else_is(self, provider, stranger):
        good = files.looked_at(provider)
        refused = files.looked_at(provider, content=files.pdf(script="x"))
        deleted, attached = files.received(provider), files.received(provider)
        stored.delete(file=deleted, by=provider, now=NOW)
        stored.attach(keys=[attached.pk], door=MESSAGE, by=provider, now=NOW)
        for bad in (refused, deleted, attached, files.received(stranger)):
            with pytest.raises(stored.NotAttachable):
                stored.attach(keys=[good.pk, bad.pk], door=MESSAGE, by=provider, now=NOW)
            assert StoredFile.objects.get(pk=good.pk).attached_at is None

    def test_a_door_has_room_for_so_many(self, provider):
        for _ in range(MESSAGE.max_files):
            file = files.received(provider)
        with pytest.raises(stored.TooManyFiles):
            files.received(provider)
        stored.delete(file=file, by=provider, now=NOW)
        more = files.received(provider).pk
        with pytest.raises(stored.TooManyFiles):
            stored.attach(keys=[more, *map(uuid.UUID, map("{:032}".format, range(5)))], door=MESSAGE, by=provider, now=NOW)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("scan", "scan.pdf"),
        ("Scan.PDF", "Scan.PDF"),
        ("2024.12.01.pdf", "2024.12.01.pdf"),
        (f"{'x' * 300}.pdf", f"{'x' * 116}.pdf"),
        (".pdf", "file.pdf"),
        ("Niño\u00a0\u200d1.pdf", "Niño 1.pdf"),
    ],
)
def test_a_name_is_shown_as_people_read_it(name, shown):
    assert naming.shown(name, Kind.PDF) == shown
