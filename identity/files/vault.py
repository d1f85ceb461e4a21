"""Where the bytes of stored files lie: once each, under a fingerprint of their content, encrypted, on any storage.

A file is a row of pieces, each sealed with FIELD_KEYS together with the place it belongs to: none can be exchanged,
moved or cut off unseen.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from identity.keys.fields import InvalidToken, decrypt_bytes, encrypt_bytes, keyed_hash

PIECE = 256 * 1024  # bytes: what one reader or writer holds at a time


class Missing(Exception):
    """These bytes are not there, or not whole."""


def place_of(sha256: str, page: int = 0) -> str:
    """Where content lies, or the picture of one of its pages. A keyed hash: a name tells nobody whose content it is."""
    fingerprint = keyed_hash("stored file", sha256)
    return f"uploads/{fingerprint[:2]}/{fingerprint}" + (f"-{page}" if page else "")


def keep(place: str, pieces: Iterable[bytes]) -> None:
    """Encrypt and write what is not there yet, whole or not at all."""
    if _storage().exists(place):
        return
    with tempfile.TemporaryFile() as sealed:
        for line in _sealed(place, pieces):
            sealed.write(line)
        sealed.seek(0)
        write(_storage(), place, File(sealed))


def read(place: str) -> Iterator[bytes]:
    """The content, in pieces. Raises Missing: at once where nothing lies there, later where it is not whole."""
    if not _storage().exists(place):
        raise Missing
    return _opened(place)


def forget(sha256: str) -> None:
    """Take content and the pictures of its pages away."""
    page = 0
    while page == 0 or _storage().exists(place_of(sha256, page)):
        _storage().delete(place_of(sha256, page))
        page += 1


def write(storage: Storage, path: str, content: File) -> None:
    """Write a file whole or not at all, so that a killed process leaves no half file under its name."""
    try:
        final = Path(storage.path(path))
    except NotImplementedError:  # an object storage writes whole by itself; one that overwrites nothing has it already
        if (written := storage.save(path, content)) != path:
            storage.delete(written)
        return
    Path(storage.path(storage.save(f"{path}.{uuid4().hex}.part", content))).replace(final)


def _storage() -> Storage:
    return storages["uploads"]


def _sealed(place: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A line a piece; the last one is empty and says so."""
    number = -1
    for number, piece in enumerate(_cut(pieces)):
        yield encrypt_bytes(_head(place, number, is_last=False) + piece) + b"\n"
    yield encrypt_bytes(_head(place, number + 1, is_last=True)) + b"\n"


def _opened(place: str) -> Iterator[bytes]:
    with _storage().open(place) as stored:
        for number, line in enumerate(stored):
            try:
                piece = decrypt_bytes(line.rstrip(b"\n"))
            except InvalidToken:
                raise Missing from None
            if piece == _head(place, number, is_last=True):
                return
            head = _head(place, number, is_last=False)
            if not piece.startswith(head):
                raise Missing
            yield piece[len(head) :]
    raise Missing


def _head(place: str, number: int, *, is_last: bool) -> bytes:
    return f"{place} {number} {'last' if is_last else 'more'}\n".encode()


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for begin in range(0, len(piece), PIECE):
            yield piece[begin : begin + PIECE]
