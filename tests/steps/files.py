"""Files as people and attackers make them, each made on the spot, and how one is handed in."""

import io
import secrets
import zipfile
import zlib

import pikepdf
from django.core.files.base import ContentFile
from PIL import Image

from identity.files import stored
from identity.files.doors import MESSAGE
from tests.factories import NOW

SERVER = "\\\\a.stranger\\share"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(pages: int = 1, *, script: str = "", password: str = "", text: str = "") -> bytes:
    """A PDF; with a script that runs when it is opened, or locked. `text` makes its bytes those of one document."""
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page(page_size=(300, 400))
    document.docinfo["/Title"] = text or secrets.token_hex(8)
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
    locked = pikepdf.Encryption(owner="o", user=password) if password else None
    document.save(out, **({"encryption": locked} if locked else {}))
    return out.getvalue()


def pdf_saying(*pages: str) -> bytes:
    """A PDF with a line of text on each page."""
    document, out = pikepdf.new(), io.BytesIO()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for text in pages:
        page = document.add_blank_page(page_size=(600, 800))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(b"BT /F1 14 Tf 40 700 Td (" + text.encode("latin-1") + b") Tj ET")
    document.save(out)
    return out.getvalue()


def pdf_that_asks(**action: object) -> bytes:
    """A PDF whose first page does this when it is opened."""
    document, out = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page(page_size=(300, 400))
    page.obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(**action))
    document.save(out)
    return out.getvalue()


def pdf_elsewhere() -> bytes:
    """A PDF whose page lies on another server."""
    document, out = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page(page_size=(300, 400))
    page.obj.Contents = document.make_indirect(pikepdf.Stream(document, b"", F=pikepdf.String(SERVER)))
    document.save(out)
    return out.getvalue()


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", more: int = 0) -> bytes:
    out = io.BytesIO()
    pages = [Image.new(mode, size, number) for number in range(1, more + 1)]
    extra = {"save_all": True, "append_images": pages} if pages else {}
    if form == "TIFF":
        extra |= {"compression": "tiff_deflate"}
    Image.new(mode, size).save(out, form, **extra)
    return out.getvalue()


def document(*more: tuple[str, bytes], main: str = "word/document.xml") -> bytes:
    """The outside of a Word document, with further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (("[Content_Types].xml", b"<Types/>"), (main, b"<w/>"), *more):
            packed.writestr(name, content)
    return out.getvalue()


def locked_document() -> bytes:
    """Its first part says that it is encrypted, where the archive lists it and where the part begins."""
    made = bytearray(document())
    for begin, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(begin) + offset] |= 1
    return bytes(made)


def png_bomb(side: int = 30_000) -> bytes:
    """A few kilobytes that unfold to a picture of many hundred million dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = side.to_bytes(4) + side.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + side // 8)) for _ in range(side)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def received(by, *, content: bytes | None = None, name: str = "scan.pdf", now=NOW):
    """A file that was handed in at the door of messages, and waits."""
    return stored.receive(
        door=MESSAGE, name=name, content=ContentFile(pdf() if content is None else content), by=by, now=now
    )


def looked_at(by, *, content: bytes | None = None, name: str = "scan.pdf", now=NOW):
    """The same, after a worker has looked at it."""
    file = received(by, content=content, name=name, now=now)
    assert stored.inspect_next(now=now)
    file.refresh_from_db()
    return file
