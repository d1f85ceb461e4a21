"""Finding, and where needed adding, the practices behind tax IDs, and who holds a tax ID already."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rbac.models import AccessGrant, Practice, PracticeTin


@transaction.atomic
def of_tins(*, name: str, tins: Sequence[tuple[str, str]], now: datetime) -> list[PracticeTin]:
    """The rows of these tax IDs, given as (nine digits, kind), each with its practice.

    A tax ID that is known keeps its practice. Unknown ones become a practice of their own, never part of a known one:
    a form can neither rename nor enlarge what others hold (D-25, "Effects").
    """
    wanted = list(dict.fromkeys(tins))
    known = known_among(wanted)
    new = [tin for tin in wanted if tin not in known]
    if new:
        practice = Practice.objects.create(name=name, created_at=now)
        rows = [PracticeTin(practice=practice, digits=digits, kind=kind) for digits, kind in new]
        PracticeTin.objects.bulk_create(rows, ignore_conflicts=True)
        known |= known_among(new)  # as they stand: of two forms at once the other one may have been quicker
        if not practice.tins.exists():
            practice.delete()
    return [known[tin] for tin in wanted]


def known_among(tins: Sequence[tuple[str, str]]) -> dict[tuple[str, str], PracticeTin]:
    """Those of the tax IDs that some practice has, with it."""
    rows = PracticeTin.objects.filter(digits__in=[digits for digits, _kind in tins]).select_related("practice")
    return {(row.digits, row.kind): row for row in rows if (row.digits, row.kind) in tins}


def holders_of(tins: Sequence[PracticeTin], *, portal_key: str) -> dict[int, list[AccessGrant]]:
    """Whose access to a portal these tax IDs were approved for, by the key of the tax ID, oldest first."""
    held = AccessGrant.objects.current().in_portal(portal_key)
    links = (
        AccessGrant.tins.through.objects.filter(practicetin__in=tins, accessgrant__in=held)
        .select_related("accessgrant__account")
        .order_by("accessgrant__since", "accessgrant_id")
    )
    found: dict[int, list[AccessGrant]] = {}
    for link in links:
        found.setdefault(link.practicetin_id, []).append(link.accessgrant)
    return found
