"""Files of printed forms: written whole or not at all, so that a killed worker leaves no half file behind."""

from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def keep(path: str, content: bytes) -> None:
    """Store content under its name in one step."""
    unfinished = default_storage.save(f"{path}.{uuid4().hex}.part", ContentFile(content))
    Path(default_storage.path(unfinished)).replace(default_storage.path(path))


def read(path: str) -> bytes | None:
    """The stored content, or None."""
    if not default_storage.exists(path):
        return None
    with default_storage.open(path) as stored:
        return bytes(stored.read())
