"""What pages of other apps show of old accounts: on a ticket, the one that its person claimed and did not get."""

from typing import Any

from django import template
from django.utils import timezone

from identity.models import Ticket
from portals import registry
from portals.legacy import unlinkings
from portals.models import LegacyAccount, Unlinking

register = template.Library()


@register.inclusion_tag("admin/portals/claimed.html", takes_context=True)
def claimed_old_accounts(context: dict[str, Any], ticket: Ticket) -> dict[str, Any]:
    """The old accounts that a ticket is about, whose they are now, and the way to unlink each (S0-31)."""
    found = LegacyAccount.objects.filter(second_claim=ticket).select_related("account").order_by("pk")
    return {"claimed": [(legacy, *_of(legacy)) for legacy in found], "perms": context["perms"]}


def _of(legacy: LegacyAccount) -> tuple[Any, Unlinking | None, bool]:
    """What its old system is called, an unlinking that waits for a second member of staff, and whether one can be asked
    for: of a realm of its own the old account is the ID."""
    portal = registry.with_old_accounts().get(legacy.source)
    source = portal.legacy if portal else None
    asked = Unlinking.objects.filter(legacy=legacy, state=Unlinking.State.ASKED).first()
    waiting = asked if asked and unlinkings.is_open(asked, now=timezone.now()) else None
    possible = bool(source and not source.realm_account and legacy.account_id and waiting is None)
    return source.name if source else legacy.source, waiting, possible
