"""Inviting members of staff, and what they may do once they have enrolled."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from guardian.shortcuts import assign_perm

from enrollment import events
from enrollment.models import StaffInvitation
from identity.accounts import accounts
from identity.accounts.accounts import SignUp
from identity.keys import links
from identity.models import Account
from identity.policy import lifecycle
from identity.policy.realms import OHID, email_key, realm_profile
from identity.record import journal
from portals import registry
from portals.spec import PROVIDER_SERVICES_GROUP, SERVICE_DESK_GROUP
from rbac.domain.approvals import DECIDE
from rbac.models import ApprovalQueue

Role = StaffInvitation.Role
OPERATORS = "Operators"
# Given-up messages to send again, accounts to look at, resets to start and confirm, tickets to answer, merges to undo.
_DESK = (
    "identity.view_outboxmessage", "identity.view_account", "identity.view_factorreset", "identity.reset_factors",
    "identity.handle_ticket", "identity.undo_merge",
)  # fmt: skip
# What each group may do, by `app.codename` (enrollment.checks looks whether it exists). A portal's definition names the
# group of those who decide for it; whose rows they see, their queues say (D-28).
GROUPS = {
    SERVICE_DESK_GROUP: (*_DESK, "portals.view_application", "portals.untie_accounts"),
    PROVIDER_SERVICES_GROUP: _DESK,
    # What the group adds up to for somebody who is no superuser, as the first operators are.
    OPERATORS: (
        "identity.view_account", "identity.close_account", "identity.view_standards", "identity.view_journalentry",
        "identity.view_outboxmessage", "identity.release_mass_acts", "portals.view_application",
        "portals.change_application", "portals.view_signingkey", "portals.add_signingkey", "portals.move_phase",
        "portals.change_wording", "rbac.change_approvalqueue", "rbac.run_sweeps", "portals.run_cut_over",
        "rbac.see_everybody",
    ),
}  # fmt: skip


class InvitationEnded(Exception):
    """Used, too old, or never made."""


@transaction.atomic
def invite(*, email: str, role: str, portals: Sequence[str], now: datetime) -> StaffInvitation:
    """Make a one-time link for a member of staff. `portals` are the keys whose requests a service desk decides."""
    invitation = StaffInvitation.objects.create(
        email=email_key(email),
        role=role,
        portals=list(portals) or [portal.key for portal in registry.with_queue()],
        created_at=now,
        expires_at=now + lifecycle.after("staff_enrolment", realm_profile(OHID.key)),
    )
    journal.record(events.StaffInvited(account=None, about=invitation, role=role), now=now)
    return invitation


def token_of(invitation: StaffInvitation) -> str:
    """The secret part of the link: derived, never stored."""
    return links.seal(invitation.pk, _bound(invitation))


def _bound(invitation: StaffInvitation) -> str:
    return f"staff invitation\0{invitation.pk.hex}\0{invitation.email}"


def find(token: str, *, now: datetime) -> StaffInvitation:
    """The invitation of a link that still works. Raises InvitationEnded."""
    invitation = StaffInvitation.objects.filter(pk=links.pk_of(token)).first()
    if invitation is None or not links.is_genuine(token, invitation.pk, _bound(invitation)):
        raise InvitationEnded
    if invitation.used_at or now >= invitation.expires_at:
        raise InvitationEnded
    return invitation


def accept(*, invitation: StaffInvitation, sign_up: SignUp, now: datetime) -> Account:
    """Make the account with its rights and use the link up. Raises InvitationEnded or accounts.LoginNameTaken."""
    password = accounts.hashed(sign_up.password)
    with transaction.atomic():
        used = StaffInvitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=now).update(used_at=now)
        if not used:
            raise InvitationEnded
        account = accounts.add(
            sign_up=sign_up,
            password_hash=password,
            now=now,
            is_staff=True,
            is_superuser=invitation.role == Role.OPERATOR,
        )
        StaffInvitation.objects.filter(pk=invitation.pk).update(used_by=account)
        if invitation.role == Role.SERVICE_DESK:
            _may_decide(account, invitation.portals)
        else:
            account.groups.add(_group(OPERATORS))
        journal.record(
            events.StaffEnrolled(account=account, by=account, about=invitation, role=invitation.role), now=now
        )
    return account


def _may_decide(account: Account, portal_keys: Sequence[str]) -> None:
    """Approver rights are object permissions on the queues of these portals (C29); each portal's definition says which
    group decides for it. A portal that nobody knows any more counts as the service desk's."""
    groups = {portal.decided_by for portal in registry.known(portal_keys)} or {SERVICE_DESK_GROUP}
    account.groups.add(*(_group(name) for name in groups))
    for key in portal_keys:
        queue, _created = ApprovalQueue.objects.get_or_create(portal_key=key)
        assign_perm(DECIDE, account, queue)


def bring_groups_up_to_date() -> None:
    """Give the groups that exist the rights that were declared since their last member enrolled."""
    for group in Group.objects.filter(name__in=GROUPS):
        _give_rights(group)


def _group(name: str) -> Group:
    group, _created = Group.objects.get_or_create(name=name)
    _give_rights(group)
    return group


def _give_rights(group: Group) -> None:
    named = Q(pk__in=[])
    for right in GROUPS[group.name]:
        app_label, codename = right.split(".")
        named |= Q(content_type__app_label=app_label, codename=codename)
    group.permissions.add(*Permission.objects.filter(named))
