"""The link of an administrator request: derived from the row and the primary's address, which alone gets it."""

from uuid import UUID

from django.urls import reverse

from enrollment.models import AdministratorRequest
from identity.keys import links


class LinkUnknown(Exception):
    """Nobody here made this link, a mail program cut it, or its request was never confirmed and is deleted."""


def token_of(request: AdministratorRequest) -> str:
    """The secret part of the link: derived, never stored. It is used up by nothing."""
    return links.seal(UUID(int=request.pk), _bound(request))


def path_of(request: AdministratorRequest) -> str:
    """Where the request is confirmed, followed, corrected and withdrawn."""
    return reverse("administrator_request_page", args=[token_of(request)])


def find(token: str) -> AdministratorRequest:
    """The request of a link, whatever its state. Raises LinkUnknown."""
    pk = links.pk_of(token)
    row = AdministratorRequest.objects.filter(pk=pk.int).first() if 0 < pk.int < 2**63 else None
    if row is None or not links.is_genuine(token, pk, _bound(row)):
        raise LinkUnknown
    return row


def _bound(request: AdministratorRequest) -> str:
    return f"administrator request\0{request.number}\0{request.primary.email}"
