"""The links of invitations: derived from the row and the number of its sending, and what the page behind one finds."""

from datetime import datetime
from enum import StrEnum, auto

from enrollment.models import Invitation, State
from identity.keys import links
from identity.policy import lifecycle
from identity.policy.realms import OHID, realm_profile
from portals import registry


class Standing(StrEnum):
    """Where an invitation is at a moment, however late any job is."""

    OPEN = auto()  # its link works
    LINK_ENDED = auto()  # it can be sent again
    LAPSED = auto()  # the person is invited anew (S4-24)
    CANCELED = auto()
    ACCEPTED = auto()


class LinkUnknown(Exception):
    """Nobody here made this link, or a mail program cut it."""


class LinkReplaced(Exception):
    """An older link of ours: a newer one was sent at the `invitation`'s last sending."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(str(invitation.pk))
        self.invitation = invitation


class InvitationEnded(Exception):
    """The link was ours, and opens nothing any more: `standing` says why."""

    def __init__(self, invitation: Invitation, standing: Standing) -> None:
        super().__init__(standing)
        self.invitation, self.standing = invitation, standing


def realm_of(invitation: Invitation) -> str:
    """The realm of the accounts that may accept it: the portal's, of staff One Healthcare ID's."""
    return registry.get(invitation.portal_key).realm if invitation.portal_key else OHID.key


def ends_at(invitation: Invitation) -> datetime:
    """When the link of the last sending ends (S4-05; 24 hours under `nist`)."""
    return invitation.last_sent_at + lifecycle.after("invitation_link", realm_profile(realm_of(invitation)))


def lapses_at(invitation: Invitation) -> datetime:
    """When the invitation leaves the list of pending users (S4-23)."""
    return invitation.last_sent_at + lifecycle.after("invitation_pending")


def standing(invitation: Invitation, *, now: datetime) -> Standing:
    """What holds at this moment, exact to the second (C10)."""
    if invitation.state != State.SENT:
        return Standing(invitation.state)
    if now >= lapses_at(invitation):
        return Standing.LAPSED
    return Standing.LINK_ENDED if now >= ends_at(invitation) else Standing.OPEN


def corrected(invitation: Invitation) -> Invitation | None:
    """The invitation that went to the right address, where this one was taken back for that."""
    if invitation.state != State.CANCELED:
        return None
    return Invitation.objects.filter(kind=invitation.kind, origin_key=str(invitation.pk)).first()


def token_of(invitation: Invitation) -> str:
    """The secret part of the newest link: derived, never stored."""
    return links.seal(invitation.pk, _bound(invitation, invitation.sendings))


def _bound(invitation: Invitation, sending: int) -> str:
    return f"invitation\0{invitation.pk.hex}\0{invitation.email}\0{sending}"


def invitation_of(token: str) -> Invitation:
    """The invitation of the newest link, whatever its state. Raises LinkUnknown, or LinkReplaced."""
    row = Invitation.objects.select_related("practice", "owner", "created_by").filter(pk=links.pk_of(token)).first()
    if row is None:
        raise LinkUnknown
    if links.is_genuine(token, row.pk, _bound(row, row.sendings)):
        return row
    if any(links.is_genuine(token, row.pk, _bound(row, older)) for older in range(1, row.sendings)):
        raise LinkReplaced(row)
    raise LinkUnknown


def check_open(invitation: Invitation, *, now: datetime) -> None:
    """Raise InvitationEnded unless the link of the last sending works at this moment."""
    found = standing(invitation, now=now)
    if found != Standing.OPEN:
        raise InvitationEnded(invitation, found)


def find(token: str, *, now: datetime) -> Invitation:
    """The invitation of a link that works now. Raises LinkUnknown, LinkReplaced or InvitationEnded; uses nothing up."""
    invitation = invitation_of(token)
    check_open(invitation, now=now)
    return invitation
