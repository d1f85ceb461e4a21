"""What members of staff may do once they have enrolled."""

from collections.abc import Sequence

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from guardian.shortcuts import assign_perm

from enrollment.models import StaffRole
from identity.models import Account
from portals import registry
from portals.approval_routes import PROVIDER_SERVICES, SERVICE_DESK
from rbac.domain.approvals import DECIDE
from rbac.models import ApprovalQueue

OPERATORS = "Operators"
# Given-up messages to send again, accounts to look at, resets to start and confirm, tickets to answer, merges to undo,
# documents of the plan to share, courses to write and publish, and who passed them.
_DESK = (
    "identity.view_outboxmessage", "identity.view_account", "identity.view_factorreset", "identity.reset_factors",
    "identity.handle_ticket", "identity.undo_merge", "portals.share_documents", "portals.change_courses",
    "portals.view_certificates", "portals.view_feedback",
)  # fmt: skip
# What each group may do, by `app.codename` (enrollment.checks looks whether it exists). A portal's definition names the
# group of those who decide for it; whose rows they see, their queues say (D-28).
GROUPS = {
    SERVICE_DESK.group: (*_DESK, "portals.view_application", "portals.untie_accounts", "portals.handle_news"),
    PROVIDER_SERVICES.group: _DESK,
    # What the group adds up to for somebody who is no superuser, as the first operators are.
    OPERATORS: (
        "identity.view_account", "identity.close_account", "identity.view_standards", "identity.view_journalentry",
        "identity.view_outboxmessage", "identity.release_mass_acts", "portals.view_application",
        "portals.change_application", "portals.view_signingkey", "portals.add_signingkey", "portals.move_phase",
        "portals.change_wording", "portals.handle_news", "rbac.change_approvalqueue", "rbac.run_sweeps",
        "portals.run_cut_over", "rbac.see_everybody", "rbac.change_grid", "accessforms.change_offeredanswer",
    ),
}  # fmt: skip


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
    """Approver rights are object permissions on the queues of these portals (C29); each portal's definition says which
    group decides for it. A portal that nobody knows any more counts as the service desk's."""
    groups = {portal.staff.group for portal in registry.known(portal_keys)} or {SERVICE_DESK.group}
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
