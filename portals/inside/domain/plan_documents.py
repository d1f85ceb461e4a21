"""Documents of the plan: a portal's staff add them and share them with practices (S4-16). Never anything about
patients: the page says so, as the pages of practices do."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from identity.models import Account
from identity.tenancy import tenancy
from portals.inside.domain import documents
from portals.models import Document
from rbac.models import Membership, Practice, PracticeTin

SHARE = "portals.share_documents"


class MayNotShare(Exception):
    """This account is no member of staff who shares documents of the plan in this portal."""


class UnknownPractice(Exception):
    """No practice that works behind this door has this tax ID, as far as staff have attested it (D-25)."""


@transaction.atomic
def add(*, portal_key: str, file: UUID, title: str, by: Account, now: datetime) -> Document:
    """Add a document of the plan, shared with nobody yet. Raises MayNotShare, or what stored.attach raises."""
    check_can_share(by, portal_key)
    said: dict[str, Any] = {"portal_key": portal_key, "practice": None, "file": file, "title": title}
    return documents.add(**said, by=by, now=now)


def practice_of(tin: tuple[str, str], *, portal_key: str, now: datetime) -> Practice:
    """The practice behind a portal's door that has this tax ID (digits, kind). Raises UnknownPractice."""
    found = PracticeTin.objects.attested().among([tin]).select_related("practice").first()
    there = Membership.objects.open_at(now).in_portal(portal_key)
    if found is None or not there.filter(practice=found.practice).exists():
        raise UnknownPractice
    return found.practice


def check_can_share(account: Account, portal_key: str) -> None:
    """Raise MayNotShare unless the account may share documents of the plan in this portal (D-28)."""
    if not can_share(account):
        raise MayNotShare
    scope = tenancy().scope_of(account)
    if not (scope.is_all or portal_key in scope.portals):
        raise MayNotShare


def can_share(account: Account) -> bool:
    """Whether the account may share documents of the plan in some portal."""
    return account.is_active and account.is_staff and account.has_perm(SHARE)
