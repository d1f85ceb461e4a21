"""The way from a ticket about practices to the desk's page that adds them (S2-16)."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from identity.models import Ticket
from portals.desk import more_practices
from portals.desk.grant_filters import portals_of
from rbac.domain import grants

register = template.Library()


@register.simple_tag(takes_context=True)
def add_practices(context: dict[str, Any], ticket: Ticket) -> str:
    """The address of that page for whoever wrote the ticket; empty where there is none, or not for this reader."""
    if ticket.topic != Ticket.Topic.PRACTICE or ticket.account is None:
        return ""
    if ticket.portal_key not in portals_of(context["request"]):
        return ""
    grant = grants.current(account=ticket.account, portal_key=ticket.portal_key)
    if grant is None or not more_practices.is_possible(grant):
        return ""
    query = urlencode({more_practices.FROM: ticket.number})
    return f"{reverse('admin:rbac_accessgrant_more_practices', args=[grant.pk])}?{query}"
