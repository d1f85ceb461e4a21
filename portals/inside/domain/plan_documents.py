"""Documents of the plan: a portal's staff add them and share them with practices (S4-16). Never anything about
patients: the page says so, as the pages of practices do."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from identity.models import Account
from portals.inside.domain import documents, handling
from portals.models import Document
from rbac.models import Membership, Practice, PracticeTin

RIGHT = "portals.share_documents"
PAGE = "documents"


class UnknownPractice(Exception):
    """No practice that works behind this door has this tax ID, as far as staff have attested it (D-25)."""


@transaction.atomic
def add(*, portal_key: str, file: UUID, title: str, by: Account, now: datetime) -> Document:
    """Add a document of the plan, shared with nobody yet. Raises staff_rights.MayNotHandle, or what
    stored.attach raises."""
    handling.check_can_handle(by, RIGHT, portal_key=portal_key)
    said: dict[str, Any] = {"portal_key": portal_key, "practice": None, "file": file, "title": title}
    return documents.add(**said, by=by, now=now)


def practice_of(tin: tuple[str, str], *, portal_key: str, now: datetime) -> Practice:
    """The practice behind a portal's door that has this tax ID (digits, kind). Raises UnknownPractice."""
    found = PracticeTin.objects.attested().among([tin]).select_related("practice").first()
    there = Membership.objects.open_at(now).in_portal(portal_key)
    if found is None or not there.filter(practice=found.practice).exists():
        raise UnknownPractice
    return found.practice
