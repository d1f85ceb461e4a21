"""The rows of a list beside the old accounts that are stored: what is new, what changes, and the writing of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from portals.legacy.hashes import schemes
from portals.legacy.rows import Row
from portals.models import LegacyAccount, LegacyImportRow, LegacyWork

Outcome = LegacyImportRow.Outcome
TAKEN_OVER = [
    "login_name", "email", "first_name", "last_name", "capabilities",
    "scheme", "parameters", "imported_hash", "secret", "imported_at",
]  # fmt: skip

type Told = list[tuple[Row, str, bool]]  # a row, its outcome, and whether it has to be written


def compare(*, source_key: str, chunk: Sequence[Row]) -> Told:
    """What each row would do to what is stored, in one query."""
    keys = [row.login_key for row in chunk if not row.reason]
    stored = {one.login_key: one for one in LegacyAccount.objects.filter(source=source_key, login_key__in=keys)}
    return [(row, *_beside(row, stored.get(row.login_key))) for row in chunk]


def _beside(row: Row, stored: LegacyAccount | None) -> tuple[str, bool]:
    if row.reason:
        return Outcome.REFUSED, False
    if stored is None:
        return Outcome.ACCEPTED, True
    same_hash = _same_hash(row, stored)
    names = ("login_name", "email", "first_name", "last_name", "capabilities")
    if same_hash is False or any(getattr(row, name) != getattr(stored, name) for name in names):
        return Outcome.CHANGED, True
    return Outcome.UNCHANGED, same_hash is None


def _same_hash(row: Row, stored: LegacyAccount) -> bool | None:
    """Whether the hash is the stored one. A wrapped one is told by its parameters, with the salt among them; None
    where a system may keep the salt when the password changes: then it is wrapped anew."""
    scheme, parameters = (row.read.scheme, row.read.parameters) if row.read else ("", "")
    if (scheme, parameters) != (stored.scheme, stored.parameters):
        return False
    if stored.imported_hash:
        return row.hash == stored.imported_hash
    return True if not scheme or schemes.SCHEMES[scheme].fresh_salts else None


def store(*, source_key: str, told: Told, imported_at: datetime) -> None:
    """Write a compared chunk, within the caller's transaction: new accounts and changed ones in one statement."""
    written = [row for row, _outcome, needs_writing in told if needs_writing]
    LegacyAccount.objects.bulk_create(
        [_account(source_key, row, imported_at) for row in written],
        update_conflicts=True,
        unique_fields=["source", "login_key"],
        update_fields=TAKEN_OVER,
    )
    _remember_work(source_key, written)


def _account(source_key: str, row: Row, imported_at: datetime) -> LegacyAccount:
    return LegacyAccount(
        source=source_key,
        login_name=row.login_name,
        login_key=row.login_key,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        capabilities=row.capabilities,
        scheme=row.read.scheme if row.read else "",
        parameters=row.read.parameters if row.read else "",
        imported_hash=row.hash,
        imported_at=imported_at,
    )


def _remember_work(source_key: str, written: Iterable[Row]) -> None:
    """The most that checking any hash of the source costs: from now on every attempt there does as much."""
    for kind, amount in _most((row.read.scheme, row.read.parameters) for row in written if row.read).items():
        known, _made = LegacyWork.objects.get_or_create(source=source_key, kind=kind, defaults={"most": amount})
        LegacyWork.objects.filter(Q(most__lt=amount), pk=known.pk).update(most=amount)


def count_work_anew(*, source_key: str) -> None:
    """What the hashes that a list has replaced cost is spent no more; within the transaction that ends the list."""
    stored = LegacyAccount.objects.of_source(source_key).exclude(scheme="").order_by()
    most = _most(stored.values_list("scheme", "parameters").iterator())
    LegacyWork.objects.filter(source=source_key).exclude(kind__in=most).delete()
    for kind, amount in most.items():
        LegacyWork.objects.filter(source=source_key, kind=kind).update(most=amount)


def _most(hashes: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The most work of each kind that these schemes with their parameters ask for."""
    most: dict[str, int] = {}
    for scheme, parameters in hashes:
        if work := schemes.work_of(scheme=scheme, parameters=parameters):
            most[work.kind] = max(most.get(work.kind, 0), work.amount)
    return most
