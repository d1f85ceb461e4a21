"""Whose news, courses and documents of the plan a member of staff handles: by a right, in the portals that they answer
for (D-28)."""

from identity.accounts import staff_rights
from identity.models import Account
from identity.tenancy import Scope, tenancy
from portals import registry
from portals.spec import PortalSpec


def portals_with(page: str) -> list[PortalSpec]:
    """The portals that have a page of ours: those with its tile."""
    return [portal for portal in registry.portals().values() if portal.tile_to(page)]


def within(scope: Scope, *, page: str) -> list[PortalSpec]:
    """Those of them that a member of staff answers for."""
    return [portal for portal in portals_with(page) if _is_in(scope, portal.key)]


def can_handle(account: Account, right: str) -> bool:
    """Whether the account has the right in some portal."""
    return account.is_active and account.is_staff and account.has_perm(right)


def check_can_handle(account: Account, right: str, *, portal_key: str) -> None:
    """Raise staff_rights.MayNotHandle for whoever has not the right, or does not answer for the portal."""
    if not handles(account, right, portal_key=portal_key):
        raise staff_rights.MayNotHandle


def handles(account: Account, right: str, *, portal_key: str) -> bool:
    """Whether the account has the right in this portal: as it is now, whatever was read earlier."""
    agent = Account.objects.get(pk=account.pk)
    return can_handle(agent, right) and _is_in(tenancy().scope_of(agent), portal_key)


def _is_in(scope: Scope, portal_key: str) -> bool:
    return scope.is_all or portal_key in scope.portals
