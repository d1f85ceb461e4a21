"""What a file is, by its first bytes; its name only chooses among the kinds of office documents."""

import puremagic
from django.core.files.base import File

from identity.models.files import Kind

HEAD = 4096  # bytes
ENDINGS: dict[Kind, tuple[str, ...]] = {
    Kind.PDF: ("pdf",),
    Kind.PNG: ("png",),
    Kind.JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    Kind.TIFF: ("tif", "tiff"),
    Kind.DOCX: ("docx",),
    Kind.XLSX: ("xlsx",),
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES: dict[Kind, str] = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.TIFF: "image/tiff",
    Kind.DOCX: f"{_OFFICE}wordprocessingml.document",
    Kind.XLSX: f"{_OFFICE}spreadsheetml.sheet",
}
# What begins like each archive. Whether the parts of a document are in it is seen in identity.files.child.
_ARCHIVES = ("application/zip", *(TYPES[kind] for kind in (Kind.DOCX, Kind.XLSX)))


def sniff(content: File, name: str) -> Kind | None:
    """The kind of a file, or None for what no door takes. Nothing of it is opened or unfolded here."""
    content.seek(0)
    head = content.read(HEAD)
    found = {match.mime_type for match in puremagic.magic_string(head) if match.offset == 0}
    ending = name.rpartition(".")[2].lower()
    for kind, media_type in TYPES.items():
        begins = found & set(_ARCHIVES) if media_type in _ARCHIVES else media_type in found
        if begins and (media_type not in _ARCHIVES or ending in ENDINGS[kind]):
            return kind
    return None
