"""Who may decide requests: a right given per portal, to a person or a group (C29)."""

from guardian.shortcuts import get_objects_for_user

from identity.models import Account
from rbac.models import ApprovalQueue

DECIDE = "rbac.decide_requests"


class MayNotDecide(Exception):
    """This member of staff holds no approver right for the portal."""


def check_can_decide(*, account: Account, portal_key: str) -> None:
    """Raise MayNotDecide unless the account may decide this portal's requests."""
    if portal_key not in portals_decided_by(account):
        raise MayNotDecide(portal_key)


def portals_decided_by(account: Account) -> list[str]:
    """The portal keys whose requests an account may see and decide. Global permissions never count."""
    if not (account.is_active and account.is_staff):
        return []
    queues = get_objects_for_user(account, DECIDE, klass=ApprovalQueue, accept_global_perms=False, with_superuser=True)
    return list(queues.values_list("portal_key", flat=True))
