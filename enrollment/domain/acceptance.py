"""Accepting an invitation: with a new account, or with one that the person has. One transaction, one winner."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accessforms.domain import form_tins
from enrollment.domain import invitation_links, registration_invitations, staff
from enrollment.domain.invitation_links import LinkReplaced
from enrollment.domain.invitations import MACHINE
from enrollment.messages import MailboxCodeMail
from enrollment.models import Invitation, Kind, State
from identity.accounts import accounts, addresses
from identity.accounts.accounts import SignUp
from identity.codes import codes
from identity.models import Account, Challenge
from identity.record import delivery, outbox, search
from rbac.domain import approvals, grants, membership_rows, memberships, practices
from rbac.models import AccessGrant, Origin


class MailboxNotProved(Exception):
    """Nothing shows that whoever accepts reads the invited mailbox: a forwarded link alone is worth nothing (D-26)."""


class OtherRealm(Exception):
    """The account is one of another realm; members of staff always make a new one."""


class OwnInvitation(Exception):
    """Whoever invited cannot be the one who was invited."""


@transaction.atomic
def send_code(*, invitation: Invitation, account: Account | None, now: datetime) -> Challenge:
    """Mail the code that proves the invited mailbox, to somebody new or to the account that wants to join (D-26).
    Raises codes.TooManySendings."""
    target = invitation.email
    challenge = codes.issue(account=account, purpose="mailbox", target=target, channel="mail", now=now)
    outbox.enqueue(MailboxCodeMail(invitation=str(invitation.pk), challenge=str(challenge.pk)), now=now)
    return challenge


def check_code(*, invitation: Invitation, account: Account | None, typed: str, now: datetime) -> Challenge:
    """The sending whose code this is, to be used up by whoever accepts. Raises codes.WrongCode or codes.CodeEnded."""
    return codes.check(
        account=account, purpose="mailbox", target=invitation.email, channels=("mail",), typed=typed, now=now
    )


@transaction.atomic
@search.once()
def accept_as_new(
    *, invitation: Invitation, sign_up: SignUp, password_hash: str, proof: Challenge | None, now: datetime
) -> Account:
    """Make the account and let it in (S4-07, S4-19, S4-38). The hash is made before: nothing slow stands in here.

    `proof` is the right code to the invited mailbox. Staff prove theirs in the sign-in that follows, and give none.
    Raises InvitationEnded, LinkReplaced, MailboxNotProved, codes.CodeEnded or accounts.LoginNameTaken.
    """
    row = _locked(invitation, now=now)
    if row.kind != Kind.STAFF:
        _use(proof, row, holder=None, now=now)
    if accounts.has_proved_address(realm=sign_up.realm, login_name=sign_up.login_name):
        raise accounts.LoginNameTaken(sign_up.login_name)
    account = accounts.add(
        sign_up=sign_up,
        password_hash=password_hash,
        now=now,
        is_staff=row.kind == Kind.STAFF,
        is_superuser=row.kind == Kind.STAFF and staff.is_operator(row.role),
        is_proved=row.kind != Kind.STAFF,
    )
    if addresses.shared_with(account):
        addresses.keep_shared(account=account, now=now)
    _let_in(row, account, now=now)
    return account


@transaction.atomic
@search.once()
def accept_as_existing(*, invitation: Invitation, account: Account, proof: Challenge | None, now: datetime) -> None:
    """Join with an account that the person has: no second one is made (D-26). `proof` is needed where the invited
    mailbox is none that the account has proved.

    Raises InvitationEnded, LinkReplaced, OtherRealm, OwnInvitation, MailboxNotProved or codes.CodeEnded.
    """
    row = _locked(invitation, now=now)
    check_can_join(invitation=row, account=account)
    if not is_own_mailbox(invitation=row, account=account):
        _use(proof, row, holder=account, now=now)
    _let_in(row, account, now=now)


def check_can_join(*, invitation: Invitation, account: Account) -> None:
    """Raise OtherRealm or OwnInvitation where this account is none that could accept."""
    if invitation.kind == Kind.STAFF or account.realm != invitation_links.realm_of(invitation):
        raise OtherRealm
    if account.pk in (invitation.created_by_id, invitation.owner_id):
        raise OwnInvitation


def is_own_mailbox(*, invitation: Invitation, account: Account) -> bool:
    """Whether the account has proved that it reads the invited mailbox."""
    return invitation.email in {row.email for row in addresses.proved(account)}


def _locked(invitation: Invitation, *, now: datetime) -> Invitation:
    """The row as it stands, locked before all else: of many who accept at once one comes first, and of an acceptance
    and a cancellation too."""
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if row.sendings != invitation.sendings:
        raise LinkReplaced(row)
    invitation_links.check_open(row, now=now)
    return row


def _use(proof: Challenge | None, row: Invitation, *, holder: Account | None, now: datetime) -> None:
    of_holder = proof is not None and proof.account_id == (holder.pk if holder else None)
    if proof is None or proof.purpose != "mailbox" or not of_holder or not codes.is_for(proof, row.email):
        raise MailboxNotProved
    codes.use(proof, now=now)
    delivery.lift_proved(row.email, now=now)


def _let_in(row: Invitation, account: Account, *, now: datetime) -> None:
    if row.kind == Kind.STAFF:
        staff.give_rights(account=account, role=row.role, portals=row.portals)
    else:
        _open_doors(row, account, now=now)
    MACHINE.move(row, to=State.ACCEPTED, by=account, now=now, accepted_by=account)


def _open_doors(row: Invitation, account: Account, *, now: datetime) -> None:
    """The grant, if it is missing, and the membership, if there is none: what the person has stays as it is."""
    if row.practice is not None:
        practices.lock(row.practice)  # before account and grant, as everywhere
    if row.kind == Kind.PORTAL and registration_invitations.is_for(row.portal_key):
        registration_invitations.prefill(invitation=row, account=account, now=now)
        return
    cause: dict[str, Any] = {"origin": Origin.INVITATION, "origin_key": str(row.pk), "by": _inviter(row), "now": now}
    grant = grants.current(account=account, portal_key=row.portal_key)
    if row.kind == Kind.PORTAL:
        _open_portal(row, account, grant, **cause)
        return
    if grant is None:
        grant = grants.give(account=account, portal_key=row.portal_key, **cause)
    if row.practice is None:
        return
    held = grant.memberships.current().of(row.practice).select_related("suspended_by").first()
    if held is None or held.makes_way(now):
        memberships.open(grant=grant, practice=row.practice, role=row.role, **_office(row), **cause)
    elif row.kind == Kind.ADMINISTRATOR and held.role != row.role:
        memberships.change_role(membership=held, role=row.role, by=cause["by"], now=now)


def _inviter(row: Invitation) -> Account | None:
    """Whoever invited; nobody where that was staff who no longer answer for the portal: what they decided while they
    did stands, and the invitation names them (C29)."""
    by = row.created_by
    if by is not None and by.is_staff:
        try:
            approvals.check_answers_for(account=by, portal_key=row.portal_key)
        except approvals.MayNotDecide:
            return None
    return by


def _open_portal(row: Invitation, account: Account, grant: AccessGrant | None, **cause: Any) -> None:
    """Access with the tax IDs of the form that named the person; who has some keeps it, and these are added."""
    tins = form_tins.attested_tins(reference=row.origin_key)
    if grant is None:
        grants.give(account=account, portal_key=row.portal_key, tins=tins, **{**cause, "origin_key": row.origin_key})
    elif tins:
        grants.change(grant=grant, tins=tins, reason=row.origin_key, by=cause["by"], now=cause["now"])


def _office(row: Invitation) -> dict[str, Any]:
    """What the membership says beside where and why (S4-17): the person as they were invited, whatever their account is
    called (D-26)."""
    columns = (*membership_rows.PERSON, "market", "address_1", "address_2", "city", "zip", "work_phone", "ends_on")
    return {name: getattr(row, name) for name in columns} | {"state": row.office_state}
