"""On the desk's page of a request: its tax IDs, who holds them, and which of them the desk attests by its approval."""

from typing import Any

from django.http import QueryDict

from accessforms.domain import form_tins
from accessforms.forms.fields import written
from accessforms.models import Submission
from portals import registry
from rbac.domain import practices

ATTESTED = "attest"  # the boxes, each with the tax ID as it is written
NAMED = "name"  # the fields beside them, each with the same


def shown(submission: Submission, answers: dict[str, Any], *, typed: QueryDict) -> list[dict[str, Any]]:
    """Each tax ID of the form with the practice that has it, and whose access to this portal it was approved for."""
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    tins = form_tins.tins_of(form, answers)
    known = practices.known_among(tins)
    holders = practices.holders_of(list(known.values()), portal_key=submission.portal_key)
    result = []
    for digits, kind in tins:
        row = known.get((digits, kind))
        held = [grant.account for grant in holders.get(row.pk, [])] if row else []
        value = f"{kind} {digits}"
        result.append(
            {
                "tin": (digits, kind),
                "written": written({"digits": digits, "kind": kind}),
                "value": value,
                "ticked": value in typed.getlist(ATTESTED),
                "practice": row.practice if row else None,
                "name": typed.get(f"{NAMED} {value}", ""),
                "is_attested": row is not None and row.attested_at is not None,
                "holders": held,
            }
        )
    return result


def attested(posted: QueryDict) -> set[tuple[str, str]]:
    """The tax IDs that were ticked, as (nine digits, kind): of those that the form does not name none counts."""
    pairs = (value.split(" ", 1)[::-1] for value in posted.getlist(ATTESTED) if " " in value)
    return {(digits, kind) for digits, kind in pairs}


def names(posted: QueryDict) -> dict[tuple[str, str], str]:
    """What the practices of the ticked tax IDs are called, of those for which something was typed."""
    return {
        (digits, kind): typed
        for digits, kind in attested(posted)
        if (typed := posted.get(f"{NAMED} {kind} {digits}", "").replace("\0", "").strip())
    }
