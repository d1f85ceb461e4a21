"""Doors: where files may come in, and how many of which kind and size each takes. Data, asked by the upload handler
while bytes arrive and by `stored.receive` afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from identity.models.files import Kind

PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.TIFF})
OFFICE = frozenset({Kind.DOCX, Kind.XLSX})  # never opened here


@dataclass(frozen=True, kw_only=True)
class Door:
    """One place where files come in."""

    key: str
    kinds: frozenset[Kind]
    max_bytes: int  # of one file
    max_files: int  # in one message or form, and loose at a time
    wants_text: bool = False  # whether what a PDF says is kept, to be searched


MESSAGE = Door(key="message", kinds=frozenset({Kind.PDF}) | PICTURES | OFFICE, max_bytes=10 * 1024**2, max_files=5)
DOCUMENT = Door(
    key="document",
    kinds=frozenset({Kind.PDF}) | PICTURES | OFFICE,
    max_bytes=20 * 1024**2,
    max_files=5,
    wants_text=True,
)
DOORS = {door.key: door for door in (MESSAGE, DOCUMENT)}


def takes_file[View: Callable[..., Any]](max_bytes: int, *, of_staff: bool = False) -> Callable[[View], View]:
    """Decorator of a view whose POST may bring one file, of so many bytes at most; no other page takes any. `of_staff`:
    from nobody else, for a body is read before the view can ask who sends it."""

    def mark(view: View) -> View:
        view.max_upload, view.uploads_of_staff = max_bytes, of_staff  # type: ignore[attr-defined]
        return view

    return mark
