"""Finding, and where needed adding, the practices behind tax IDs, attesting them, and who holds a tax ID already."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from identity.models import Account
from identity.policy import text
from identity.record import journal, transactions
from rbac import events
from rbac.domain import membership_rows
from rbac.models import AccessGrant, Membership, Origin, Practice, PracticeTin
from rbac.models.practices import tin_key

_ADDRESS = ("address_1", "address_2", "city", "state", "zip")


@transaction.atomic
def of_tins(
    *, name: str, tins: Sequence[tuple[str, str]], origin: Origin = Origin.FORM, origin_key: str = "", now: datetime
) -> list[PracticeTin]:
    """The rows of these tax IDs, given as (nine digits, kind), each with its practice.

    A tax ID that is attested keeps its practice. Others become a practice of their own, never part of a known one:
    a form can neither rename nor enlarge what others hold, and who once wrote down a tax ID that nobody attested gets
    nothing by it, also once it is attested for somebody else: it leaves their memberships (D-25, "Effects").
    """
    wanted = list(dict.fromkeys(tins))
    new = [tin for tin in wanted if tin not in attested_among(wanted)]
    if new:
        practice = Practice.objects.create(name=name, created_at=now)
        PracticeTin.objects.among(new).filter(attested_at=None).update(practice=practice)
        membership_rows.take_out_tins(practice)
        rows = [
            PracticeTin(
                practice=practice, digits=digits, key=tin_key(digits), kind=kind, origin=origin, origin_key=origin_key
            )
            for digits, kind in new
        ]
        PracticeTin.objects.bulk_create(rows, ignore_conflicts=True)
        if not practice.tins.exists():
            practice.delete()
    known = known_among(wanted)  # as they stand: of two forms at once the other one may have been quicker
    return [known[tin] for tin in wanted]


def known_among(tins: Sequence[tuple[str, str]]) -> dict[tuple[str, str], PracticeTin]:
    """Those of the tax IDs that some practice has, with it."""
    return {(row.digits, row.kind): row for row in PracticeTin.objects.among(tins).select_related("practice")}


def having(typed: str) -> Practice | None:
    """The practice of a tax ID that staff have attested, typed in any style (C11, D-25), or of the number that a ticket
    names it by."""
    digits = re.sub(r"[\s-]", "", typed)
    if re.fullmatch(r"[0-9]{9}", digits):
        attested = PracticeTin.objects.filter(key=tin_key(digits)).attested()
        return Practice.objects.filter(pk__in=attested.values("practice")).first()
    return Practice.objects.filter(pk=int(digits)).first() if text.is_number(digits) else None


def attested_among(tins: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the tax IDs that staff have attested, for whomever."""
    return {(row.digits, row.kind) for row in PracticeTin.objects.among(tins).attested()}


@transaction.atomic
def attest(*, tins: Iterable[PracticeTin], reason: str, by: Account, now: datetime) -> None:
    """Keep that staff have checked these tax IDs; those that were attested before stay as they are (D-25)."""
    for tin in tins:
        unproved = PracticeTin.objects.filter(pk=tin.pk, attested_at=None)
        if unproved.update(attested_at=now, attested_by=by):
            event = events.TinAttested(account=None, by=by, about=tin, practice=tin.practice_id, reason=reason)
            journal.record(event, now=now)


@transaction.atomic
def fill_in(*, practice: Practice, details: Mapping[str, Any], now: datetime) -> Practice:
    """Write what staff have approved of address and phones where nothing stands yet: what is on file, and above all the
    number that staff call back, no form replaces (S4-04, D-25)."""
    lock(practice)
    practice.refresh_from_db()
    new = {name: value for name, value in details.items() if value and not getattr(practice, name)}
    if practice.address_1:  # an address is written whole or not at all
        new = {name: value for name, value in new.items() if name not in _ADDRESS}
    if "phone" in new:
        new["phone_on_file_since"] = now
    for name, value in new.items():
        setattr(practice, name, value)
    practice.save(update_fields=list(new))
    return practice


def lock(practice: Practice) -> None:
    """Lock a practice's row in the caller's transaction: changes to its memberships come one after the other. It is
    the first lock of all (see rbac.domain.memberships)."""
    transactions.check_open("practices.lock")
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)


def holders_of(tins: Sequence[PracticeTin], *, portal_key: str) -> dict[int, list[AccessGrant]]:
    """Whose access to a portal these tax IDs are behind, by the key of the tax ID, oldest first."""
    current = Membership.objects.current().in_portal(portal_key).filter(grant__until=None)
    behind = (
        current.filter(practice__in=[tin.practice_id for tin in tins])
        .select_related("grant__account")
        .prefetch_related("tins")
        .order_by("grant__since", "grant_id")
    )
    found: dict[int, list[AccessGrant]] = {}
    for membership in behind:
        own = {tin.pk for tin in membership.tins.all()}
        whole = membership.is_of_whole_practice
        for tin in tins:
            if tin.pk in own or (whole and tin.practice_id == membership.practice_id):
                found.setdefault(tin.pk, []).append(membership.grant)
    return found
