"""What can happen to a request for access."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEvent(Event):
    reference: str
    portal_key: str
    reason: str = ""


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestSubmitted(RequestEvent):
    title = _("Request submitted")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FaxReceived(RequestEvent):
    title = _("Fax received")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestReturned(RequestEvent):
    title = _("Request returned")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestApproved(RequestEvent):
    title = _("Request approved")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestDenied(RequestEvent):
    title = _("Request denied")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestWithdrawn(RequestEvent):
    title = _("Request withdrawn")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestExpired(RequestEvent):
    title = _("Request expired")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedAgain(Event):
    title = _("Printing of the form begun again")
    reference: str
