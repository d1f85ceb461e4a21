"""A program of its own: looks at one file that a stranger made, under limits, and draws its pages anew.

Started by identity.files.sandbox with nothing but a folder: `python -I child.py KIND PAGES PIXELS MEMORY SECONDS`. It
reads `file` and writes `answer.json`, what a PDF says (`text`), and the pictures `1.png`, `2.png`, ... It imports
nothing of the product.
"""

import contextlib
import ctypes
import json
import os
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIDE = 1700  # dots: the longer side of a picture for looking
NET_AND_USER = 0x40000000 | 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER
NO_NEW_PRIVILEGES, DIE_WITH_PARENT, KILL = 38, 1, 9  # of prctl
MAKE_RULES, ADD_RULE, APPLY_RULES, BENEATH = 444, 445, 446, 1  # Landlock's calls, and its kind of rule
READS, OF_FILES, OF_OTHERS = 0b1101, ((1, 0x1FFF), (2, 0x2000), (3, 0x4000)), 0b11  # rights, by its version
MOST_WRITTEN = 100_000_000  # bytes of one picture
MOST_SAID = 200_000  # characters of the text of a PDF
ENTRIES, UNFOLDED = 5_000, 300_000_000  # of an office document: parts, and bytes that they say they unfold to
NEEDED = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
INSIDE = ("/activex/", "/macrosheets/", "/embeddings/oleobject")  # parts that run, or hold a file of any kind
PROGRAMS = ("vbaproject.bin", "vbadata.xml", ".exe", ".js", ".vbs", ".bat", ".cmd", ".ps1")
# Keys of dictionaries of a PDF, and kinds of actions, that run something, send something, hold another file, or name
# one elsewhere: a reader that looks for it on a stranger's server shows that server the password of its owner.
PDF_PROGRAMS = {"/JS", "/JavaScript", "/XFA", "/RichMedia", "/EmbeddedFiles", "/EF"}
PDF_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR", "/Thread", "/Rendition"}
PDF_CONTENT_ELSEWHERE = {"/F", "/Ref"}  # of a stream
PDF_BY_ITSELF = ("/OpenAction", "/AA", "/Next")  # what happens without a press on a link


class Refused(Exception):
    """The file is not taken; the text is a value of identity.models.files.Refusal."""


def confine(memory: int, seconds: int) -> None:
    """Give up network, files, memory and time, for good; the kernel may not have the first two to take away."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(DIE_WITH_PARENT, KILL, 0, 0, 0)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.unshare(NET_AND_USER) != 0:
        libc.unshare(NET_AND_USER & 0x40000000)
    stay_in_folder(libc)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (value, value))


def stay_in_folder(libc: Any) -> None:
    """From now on only this folder is written, and only Python and the libraries are read. What stands under /proc, the
    environment of the server with its keys too, is out of reach, and so are other processes."""
    version = libc.syscall(MAKE_RULES, None, 0, 1)
    if version < 1:
        return
    handled = sum(rights for since, rights in OF_FILES if version >= since)
    asked = (ctypes.c_uint64 * 3)(handled, 0, OF_OTHERS if version >= 6 else 0)
    rules = libc.syscall(MAKE_RULES, asked, ctypes.c_size_t(24 if version >= 6 else 8), 0)
    read = {sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64"}
    for place, rights in [(Path.cwd(), handled), *((Path(one), READS) for one in read)]:
        if place.is_dir():
            opened = os.open(place, os.O_PATH)
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, opened))
            libc.syscall(ADD_RULE, rules, BENEATH, rule, 0)
            os.close(opened)
    libc.syscall(APPLY_RULES, rules, 0)
    os.close(rules)


def look(path: Path, kind: str, *, pages: int, pixels: int) -> int:
    """Draw each page; answers how many. Raises Refused, or whatever a damaged file makes a library raise."""
    if kind in NEEDED:
        check_document(path, kind)
        return 0
    check_alone(path, kind)
    drawn = pdf(path, pages) if kind == "pdf" else picture(path, pages, pixels)
    number = 0
    for number, image in enumerate(drawn, start=1):
        image.thumbnail((SIDE, SIDE))
        image.save(path.parent / f"{number}.png", "PNG", compress_level=4)
    if not number:
        raise Refused("damaged")
    return number


def check_alone(path: Path, kind: str) -> None:
    """One file that reads as two is read by each program as it likes: an archive, a PDF or a page hidden in another."""
    with path.open("rb") as opened:
        head = opened.read(4096)
        opened.seek(max(path.stat().st_size - 2048, 0))
        tail = opened.read()
    if zipfile.is_zipfile(path):
        raise Refused("script")
    if (kind != "pdf" and b"%PDF-" in head) or any(mark in head.lower() for mark in (b"<script", b"<html", b"<?php")):
        raise Refused("script")
    if kind == "pdf" and (not head.startswith(b"%PDF-") or b"%%EOF" not in tail):
        raise Refused("damaged")


def check_document(path: Path, kind: str) -> None:
    """An office document is looked at from outside: the list of its parts is read, none of them is opened."""
    try:
        parts = zipfile.ZipFile(path).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refused("damaged") from None
    names = [part.filename.lower() for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("locked")
    if NEEDED[kind] not in names or "[content_types].xml" not in names or len(set(names)) != len(names):
        raise Refused("kind")
    if len(parts) > ENTRIES or sum(part.file_size for part in parts) > UNFOLDED:
        raise Refused("pixels")
    if any(mark in name for mark in INSIDE for name in names):
        raise Refused("script")
    if any(name.endswith(PROGRAMS) or name.startswith("/") or ".." in name.split("/") for name in names):
        raise Refused("script")


def pdf(path: Path, pages: int) -> Iterator[Any]:
    """The pages of a PDF that runs nothing, holds nothing else and opens without a password."""
    import pikepdf
    import pypdfium2

    try:
        with pikepdf.open(path) as opened:
            if opened.is_encrypted:
                raise Refused("locked")
            check_count(len(opened.pages), pages)
            check_programs(pikepdf, opened)
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    document = pypdfium2.PdfDocument(path)
    check_count(len(document), pages)
    said = 0
    for page in document:
        said = write_text(page, path.parent / "text", said)
        scale = min(1.6, SIDE / max(*page.get_size(), 1))
        yield page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        page.close()


def write_text(page: Any, place: Path, said: int) -> int:
    """Add what a page says, where there is room for it; answers how much that makes. Without it a page is a page."""
    if said >= MOST_SAID:
        return said
    try:
        text = page.get_textpage().get_text_bounded()[: MOST_SAID - said]
    except Exception:
        return said
    with place.open("a", encoding="utf-8", errors="replace") as opened:
        opened.write(text + "\n")
    return said + len(text)


def check_programs(pikepdf: Any, opened: Any) -> None:
    """Raise Refused where any part of the document runs something or holds another file."""
    waiting = list(opened.objects)
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Stream):
            one = one.stream_dict
            if PDF_CONTENT_ELSEWHERE & set(one.keys()):
                raise Refused("script")
        if isinstance(one, pikepdf.Dictionary):
            if PDF_PROGRAMS & set(one.keys()) or str(one.get("/S", "")) in PDF_ACTIONS or opens_page(pikepdf, one):
                raise Refused("script")
            inner: list[Any] = [value for _key, value in one.items()]
        elif isinstance(one, pikepdf.Array):
            inner = list(one)
        else:
            continue
        waiting += [part for part in inner if not getattr(part, "is_indirect", True)]


def opens_page(pikepdf: Any, one: Any) -> bool:
    """Whether an address on the network is asked for with no press on a link."""
    found = [one[key] for key in PDF_BY_ITSELF if key in one]
    found += [inner for each in found if isinstance(each, pikepdf.Array) for inner in each]
    found += [inner for each in found if isinstance(each, pikepdf.Dictionary) for _key, inner in each.items()]
    return any(isinstance(each, pikepdf.Dictionary) and str(each.get("/S", "")) == "/URI" for each in found)


def picture(path: Path, pages: int, pixels: int) -> Iterator[Any]:
    """The pages of a picture, turned as the camera held it; nothing but its dots goes on."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the size is asked first, and each page anew
    with Image.open(path, formats=["PNG", "JPEG", "TIFF"]) as opened:
        check_size(opened.size, pixels)
        check_count(getattr(opened, "n_frames", 1), pages)
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            check_size(opened.size, pixels)
            opened.draft("RGB", (SIDE, SIDE))
            opened.thumbnail((SIDE, SIDE))
            turned = ImageOps.exif_transpose(opened)
            if turned.has_transparency_data:
                turned = turned.convert("RGBA")
                turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned)
            yield turned.convert("L" if turned.mode in ("1", "L", "I;16") else "RGB")


def check_count(number: int, pages: int) -> None:
    if number > pages:
        raise Refused("pages")


def check_size(size: tuple[int, int], pixels: int) -> None:
    if size[0] * size[1] > pixels:
        raise Refused("pixels")


def main() -> None:
    kind, *numbers = sys.argv[1:]
    pages, pixels, memory, seconds = map(int, numbers)
    confine(memory, seconds)
    answer: dict[str, Any]
    try:
        answer = {"pages": look(Path("file").resolve(), kind, pages=pages, pixels=pixels)}
    except Refused as refused:
        answer = {"refusal": str(refused)}
    except MemoryError:
        answer = {"refusal": "pixels"}
    except Exception:  # a library that does not like what a stranger made; its words can quote the file
        answer = {"refusal": "damaged"}
    Path("answer.json").write_text(json.dumps(answer))
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)  # no library takes leave of what it holds


if __name__ == "__main__":
    main()
