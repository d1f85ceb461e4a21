"""Who may decide requests: a right given per portal, to a person or a group (C29). It says too whom they see (D-28)."""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from identity.models import Account
from identity.tenancy import Scope, tenancy
from rbac.models import ApprovalQueue, ApprovalQueueGroupPermission, ApprovalQueueUserPermission

DECIDE = "rbac.decide_requests"
SEE_EVERYBODY = "rbac.see_everybody"


class MayNotDecide(Exception):
    """This member of staff holds no approver right for the portal."""


def check_can_decide(*, account: Account, portal_key: str) -> None:
    """Raise MayNotDecide unless the account may decide this portal's requests."""
    if portal_key not in portals_decided_by(account):
        raise MayNotDecide(portal_key)


def check_answers_for(*, account: Account, portal_key: str) -> None:
    """Raise MayNotDecide unless the account answers for access to this portal, which may have no requests (D-28)."""
    if portal_key not in tenancy().scope_of(account).portals:
        raise MayNotDecide(portal_key)


def portals_decided_by(account: Account) -> list[str]:
    """The portal keys whose requests an account may see and decide. Global permissions never count."""
    return [queue.portal_key for queue in _queues_of(account)]


def scope_of(account: Account) -> Scope:
    """The portals whose requests a member of staff decides, the realms of these, and whether they see everybody."""
    if not (account.is_active and account.is_staff):
        return Scope()
    queues = list(_queues_of(account))
    return Scope(
        portals=frozenset(queue.portal_key for queue in queues),
        realms=frozenset(queue.realm for queue in queues) - {""},
        is_all=account.has_perm(SEE_EVERYBODY),
    )


def staff_for(portal_keys: Collection[str]) -> QuerySet[Account]:
    """Whose `scope_of` holds one of these portals, in one question: by a right of their own, by their groups, or
    because they see everybody."""
    app, codename = SEE_EVERYBODY.split(".")
    everybody = Permission.objects.filter(content_type__app_label=app, codename=codename)
    decide = {"content_object__portal_key__in": portal_keys, "permission__codename": DECIDE.split(".")[1]}
    groups = Group.objects.filter(
        Q(permissions__in=everybody) | Q(pk__in=ApprovalQueueGroupPermission.objects.filter(**decide).values("group"))
    )
    persons = Account.objects.filter(
        Q(is_superuser=True)
        | Q(pk__in=Account.user_permissions.through.objects.filter(permission__in=everybody).values("account"))
        | Q(pk__in=ApprovalQueueUserPermission.objects.filter(**decide).values("user"))
        | Q(pk__in=Account.groups.through.objects.filter(group__in=groups).values("account"))
    )
    return persons.filter(is_active=True, is_staff=True)


def _queues_of(account: Account) -> QuerySet[ApprovalQueue]:
    if not (account.is_active and account.is_staff):
        return ApprovalQueue.objects.none()
    return get_objects_for_user(account, DECIDE, klass=ApprovalQueue, accept_global_perms=False, with_superuser=True)
