"""Files that were printed: written whole or not at all, so that a killed worker leaves no half file behind."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from identity.files import vault


def keep(path: str, content: bytes) -> None:
    """Store content under its name in one step, on any storage."""
    vault.write(default_storage, path, ContentFile(content))


def forget(path: str) -> None:
    """Delete what is stored under a name, if anything is."""
    default_storage.delete(path)


def read(path: str) -> bytes | None:
    """The stored content, or None."""
    if not default_storage.exists(path):
        return None
    with default_storage.open(path) as stored:
        return bytes(stored.read())
