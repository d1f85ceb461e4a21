"""What members of staff may do once they have enrolled."""

from collections.abc import Sequence

from django.contrib.auth.models import Group, Permission
from guardian.shortcuts import assign_perm

from enrollment.models import StaffRole
from identity.models import Account
from portals import registry
from rbac.domain.approvals import DECIDE
from rbac.models import ApprovalQueue

GROUP = "Service desk"
OPERATORS = "Operators"
# Given-up messages to send again, accounts to look at, resets to start and confirm, tickets to answer, merges to undo,
# outside applications to look at, old accounts to untie.
DESK_MAY = (
    "view_outboxmessage", "view_account", "view_factorreset", "reset_factors", "handle_ticket", "undo_merge",
    "view_application", "untie_accounts",
)  # fmt: skip
# What the group adds up to for somebody who is no superuser, as the first operators are.
OPERATORS_MAY = (
    "view_account", "close_account", "view_standards", "view_journalentry", "view_outboxmessage", "release_mass_acts",
    "view_application", "change_application", "view_signingkey", "add_signingkey", "move_phase", "change_wording",
    "change_approvalqueue", "run_sweeps", "run_cut_over",
)  # fmt: skip
APPS = ("identity", "portals", "rbac")  # whose rights these are
GROUPS = {GROUP: DESK_MAY, OPERATORS: OPERATORS_MAY}


def is_operator(role: str) -> bool:
    """Whether this role runs the installation."""
    return role == StaffRole.OPERATOR


def give_rights(*, account: Account, role: str, portals: Sequence[str]) -> None:
    """Let a member of staff who was invited do what the role may: decide requests, or run the installation (C29)."""
    if role == StaffRole.SERVICE_DESK:
        _may_decide(account, list(portals) or [portal.key for portal in registry.with_queue()])
    else:
        account.groups.add(_group(OPERATORS))


def _may_decide(account: Account, portal_keys: Sequence[str]) -> None:
    """Approver rights are object permissions on the queues of these portals (C29)."""
    account.groups.add(_group(GROUP))
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
    named = Permission.objects.filter(content_type__app_label__in=APPS, codename__in=GROUPS[group.name])
    group.permissions.add(*named)
