"""Whose account a member of staff may act on: never their own, never one with rights that they lack."""

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Q
from guardian.models.models import UserObjectPermissionBase

from identity.models import Account
from identity.tenancy import tenancy

type Right = tuple[int, str]  # a permission, and the one object that it is held on ("" for everywhere)


class MayNotHandle(Exception):
    """This member of staff may not act on this account."""


class OwnAccount(MayNotHandle):
    """It is their own: a colleague does it."""


class OutOfScope(MayNotHandle):
    """It is of a realm for which they decide nothing: for them it does not exist."""


class MoreRights(MayNotHandle):
    """The account may do something that they may not."""


def check_can_handle(*, agent: Account, account: Account) -> None:
    """Ask before staff close, reopen or reset an account (policy: help-desk reset).

    Raises MayNotHandle for somebody who is no active member of staff, OwnAccount, OutOfScope for an account of a realm
    that is not the agent's (D-28), or MoreRights: whoever could reset a stronger account could become it.
    """
    if not (agent.is_active and agent.is_staff):
        raise MayNotHandle
    if agent.pk == account.pk:
        raise OwnAccount
    if not tenancy().scope_of(agent).covers(account):
        raise OutOfScope
    if not agent.is_superuser and (account.is_superuser or _rights(account) - _rights(agent)):
        raise MoreRights


def can_handle(*, agent: Account, account: Account) -> bool:
    """Whether the agent may act on the account, for pages that offer it."""
    try:
        check_can_handle(agent=agent, account=account)
    except MayNotHandle:
        return False
    return True


def _rights(account: Account) -> set[Right]:
    """Every right of staff that the rows give, also to a closed account: has_perm() answers no for one, until it is
    reopened. Of permissions on single objects only those of tables marked `is_staff_right` count: a document that is
    shared with a person makes nobody stronger than the desk (S4-37)."""
    everywhere = Permission.objects.filter(Q(user=account) | Q(group__user=account)).values_list("pk", flat=True)
    rights = {(pk, "") for pk in everywhere}
    for model in apps.get_models():
        if getattr(model, "is_staff_right", False):
            whose = "user" if issubclass(model, UserObjectPermissionBase) else "group__user"
            rows = model._default_manager.filter(**{whose: account}).values_list("permission_id", "content_object_id")
            rights |= {(pk, str(of)) for pk, of in rows}
    return rights
