"""What the requests of somebody ask of them: a correction, or the form on paper (S1-26, S1-32, D-08)."""

from collections.abc import Iterable

from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from accessforms.models import Submission
from identity.policy import lifecycle
from portals import registry
from portals.inside.domain import due
from portals.inside.domain.due import Due, Row, Rows, Visit

State = Submission.State


def waiting_for_the_person(visit: Visit) -> Rows | None:
    """Requests of whichever portal that were returned, and those whose fax is not here, in their days."""
    if not any(one.access_form and one.realm == visit.portal.realm for one in registry.portals().values()):
        return None
    online = Q(portal_key__in=registry.without_paper())
    unfaxed = Q(state_since__gt=lifecycle.over_before("unfaxed_request", now=visit.now))
    uncorrected = Q(state_since__gt=lifecycle.over_before("uncorrected_request", now=visit.now))
    on_paper = ~online & Q(state__in=[State.SUBMITTED, State.RETURNED]) & unfaxed
    own = Submission.objects.of(visit.account).filter(portal_key__in=registry.portals())
    own = own.filter(on_paper | online & Q(state=State.RETURNED) & uncorrected)
    return Rows(found=own, key=Concat("state", Value(" "), "reference"), name="portal_key", at="state_since")


def send_it(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item a request, with the day on which it expires."""
    for row in rows:
        state, reference = row.key.rsplit(" ", 1)
        told = {"reference": reference, "portal": registry.name_of(row.name)}
        period = "uncorrected_request" if row.name in registry.without_paper() else "unfaxed_request"
        day = visit.day_of(row.at + lifecycle.after(period))
        if state == State.RETURNED:
            yield Due(
                text=_("Your request %(reference)s for %(portal)s was returned to you.") % told,
                day=day,
                address=reverse("edit_request", args=[reference]),
                button=_("Correct and send again"),
            )
        else:
            yield Due(
                text=_("Your request %(reference)s for %(portal)s waits for your fax.") % told,
                day=day,
                address=reverse("request", args=[reference]),
                button=_("Print the form and see where to fax it"),
            )


due.register(send_it, asks=waiting_for_the_person)
