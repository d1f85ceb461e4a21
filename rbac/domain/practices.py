"""Finding, and where needed adding, the practices behind tax IDs."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rbac.models import Practice, PracticeTin


@transaction.atomic
def of_tins(*, name: str, tins: Sequence[tuple[str, str]], now: datetime) -> list[Practice]:
    """The practices of these tax IDs, given as (nine digits, kind). Unknown ones join one practice of this name.

    A tax ID that is known keeps its practice, whatever name the form gives: a form cannot rename a practice.
    """
    rows = PracticeTin.objects.filter(digits__in=[digits for digits, _kind in tins]).select_related("practice")
    known = {(row.digits, row.kind): row.practice for row in rows if (row.digits, row.kind) in tins}
    new = [tin for tin in dict.fromkeys(tins) if tin not in known]
    if new:
        same_name = (practice for practice in known.values() if practice.name.casefold() == name.casefold())
        practice = next(same_name, None) or Practice.objects.create(name=name, created_at=now)
        PracticeTin.objects.bulk_create(
            [PracticeTin(practice=practice, digits=digits, kind=kind) for digits, kind in new],
            ignore_conflicts=True,
        )
        known |= dict.fromkeys(new, practice)
    return list({practice.pk: practice for practice in known.values()}.values())
