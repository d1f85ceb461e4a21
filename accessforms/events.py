"""What can happen to a request for access."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class RequestEvent(Event, abstract=True):
    reference: str
    portal_key: str
    reason: str = ""


class RequestSubmitted(RequestEvent, title=_("Request submitted")): ...


class FaxReceived(RequestEvent, title=_("Fax received")): ...


class RequestReturned(RequestEvent, title=_("Request returned")): ...


class RequestApproved(RequestEvent, title=_("Request approved")): ...


class RequestDenied(RequestEvent, title=_("Request denied")): ...


class RequestWithdrawn(RequestEvent, title=_("Request withdrawn")): ...


class RequestExpired(RequestEvent, title=_("Request expired")): ...


class PersonInvited(Event, title=_("Invitation of a person whom the form names")):
    """`person` counts the people of the form from 0."""

    reference: str
    portal_key: str
    person: int


class PrintedAgain(Event, title=_("Printing of the form begun again")):
    reference: str


class RequestLate(RequestEvent, title=_("Request not decided in time")): ...


class ListChanged(Event, title=_("List of a form changed")):
    portal_key: str
    field: str
    key: str
    is_offered: bool


class RegisterEvent(Event, abstract=True):
    """`stored` and `left_out` count rows."""

    register: str
    stored: int
    left_out: int


class RegisterImportBegun(RegisterEvent, title=_("Import of a register begun")): ...


class RegisterImported(RegisterEvent, title=_("Register imported")): ...


class RegisterImportGivenUp(RegisterEvent, title=_("Import of a register given up for another file")): ...
