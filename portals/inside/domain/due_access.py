"""What of somebody's access ends if they do nothing: access to another portal that rests soon, their last day in a
practice (S3-19, D-11)."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.policy import lifecycle
from portals import registry
from portals.inside.domain import due
from portals.inside.domain.due import Due, Row, Rows, Visit
from rbac.models import AccessGrant, Membership


def near_its_rest(visit: Visit) -> Rows | None:
    """Access that nobody used for so long that its first warning is due (S3-19). That to this portal is in use."""
    notice = lifecycle.after("idle_first_warning")
    near = [
        Q(portal_key=key, idle_from__gt=visit.now - period, idle_from__lte=visit.now - period + notice)
        for key, period in registry.idle_periods().items()
        if key != visit.portal.key and registry.get(key).realm == visit.portal.realm
    ]
    if not near:
        return None
    own = AccessGrant.objects.active().filter(account=visit.account)
    return Rows(found=own.filter(reduce(or_, near)), key="portal_key", at="idle_from")


def use_it(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item a portal: opening it is all there is to do."""
    for row in rows:
        told = {"portal": registry.name_of(row.key)}
        yield Due(
            text=_("Your access to %(portal)s rests if you do not use it.") % told,
            day=visit.day_of(row.at + registry.idle_periods()[row.key]),
            address=reverse("portal_home", args=[row.key]),
            button=_("Open %(portal)s") % told,
        )


def last_days(visit: Visit, _rows: list[Row]) -> Iterable[Due]:
    """The last day of the person themselves, or of the mandate under which they work (D-11, S3-10)."""
    near = visit.day_of(visit.now + lifecycle.after("last_day_notice"))
    for row in visit.memberships:
        end = _last_day(row)
        if end is not None and end <= near:
            yield Due(
                text=_("Your work for %(practice)s ends.") % {"practice": row.practice.name},
                day=end,
                address=reverse("who_controls", args=[visit.portal.key]),
                button=_("See who can change that"),
            )


def _last_day(row: Membership) -> date | None:
    ends = [row.ends_on, row.mandate.ends_on if row.mandate else None]
    return min((day for day in ends if day is not None), default=None)


due.register(use_it, asks=near_its_rest)
due.register(last_days)
