"""Files that people hand over: what is taken, what is refused with a sentence, and where the bytes go."""

import pytest
from django.core.files.storage import storages

from identity.files import serving, stored
from identity.files.doors import MESSAGE
from identity.files.stored import Refused
from identity.models import StoredFile
from identity.models.files import Refusal
from identity.record import journal
from tests.steps import files

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
    "program in a document": (lambda: files.document(("word/vbaProject.bin", b"x")), "letter.docx", "script"),
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
