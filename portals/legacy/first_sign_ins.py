"""Old accounts that become IDs of the realm itself: made at the first sign-in, with the old name and no password yet
(S4-25, S4-26, C34). The steps of the sign-in ask for the rest."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from identity.accounts import accounts
from identity.accounts.accounts import SignUp
from identity.models import Account
from identity.policy.realms import REALMS
from identity.record import journal
from identity.tenancy import NotComplete
from portals import events, registry
from portals.legacy import links, phases
from portals.legacy.hashes import schemes
from portals.legacy.hashes.scheme import Work
from portals.legacy.sources import imported
from portals.models import LegacyAccount
from portals.spec import Phase, PortalSpec
from rbac.models import Origin


class DoneAlready(NotComplete):
    """The account has its own password, or was closed: an old one is no key to it."""


class NameTaken(NotComplete):
    """Somebody in the realm has this user name already. Who knows an old password does not get their account."""


@dataclass(frozen=True, slots=True)
class OldPassword:
    """Implements identity.tenancy.OldPassword: the old account of a name, and what its source's hashes cost."""

    portal: PortalSpec
    legacy: LegacyAccount | None
    most: list[Work]

    def spend(self) -> None:
        """The work of the slowest hash of the source, for nothing."""
        schemes.spend_rest(self.most, None)

    def account(self, *, password: str, language: str, now: datetime) -> Account | None:
        """The account that the old one becomes, if this is its password. Raises NotComplete, or hash_pool.Busy."""
        right = imported.is_right(self.legacy, most=self.most, password=password)
        if self.legacy is None or not right:
            return None
        imported.keep_wrapped(self.legacy)
        return begin(legacy=self.legacy, portal=self.portal, language=language, now=now)


def old_password(realm: str, login_name: str, *, now: datetime) -> OldPassword | None:
    """What a typed name may have brought along, while the realm changes over (C34)."""
    portal = changing(realm, now=now)
    if portal is None or portal.legacy is None:
        return None
    legacy = LegacyAccount.objects.named(portal.legacy.key, login_name).first()
    return OldPassword(portal, legacy, imported.most_work(portal.legacy.key))


def changing(realm: str, *, now: datetime) -> PortalSpec | None:
    """The portal whose old accounts become IDs of this realm, until its change-over is over (C34)."""
    for portal in registry.portals().values():
        becomes = portal.legacy is not None and portal.legacy.realm_account and portal.realm == realm
        if becomes and phases.for_portal(portal, now=now) == Phase.BOTH_WAYS:
            return portal
    return None


@transaction.atomic
def begin(*, legacy: LegacyAccount, portal: PortalSpec, language: str, now: datetime) -> Account:
    """The account that an old one becomes, or became at an earlier try.

    The old password must have just been shown. Raises DoneAlready, NotComplete or NameTaken.
    """
    row = LegacyAccount.objects.select_for_update().get(pk=legacy.pk)
    if row.account is not None:
        if row.account.has_usable_password() or not row.account.is_active:
            raise DoneAlready
        return row.account
    if not (row.email and row.first_name and row.last_name) or not _takes(portal, row):
        raise NotComplete
    sign_up = SignUp(
        realm=portal.realm,
        login_name=row.login_name,
        first_name=row.first_name,
        last_name=row.last_name,
        year_of_birth=None,
        email=row.email,
        password="",
        phone="",
        language=language,
    )
    try:
        account = accounts.add(sign_up=sign_up, password_hash=make_password(None), now=now, agrees=False)
    except accounts.LoginNameTaken as error:
        raise NameTaken from error
    way = links.Way.FIRST_SIGN_IN
    LegacyAccount.objects.filter(pk=row.pk).update(account=account, linked_at=now, linked_by=way)
    told = events.LegacyLinked(account=account, by=account, about=row, source=row.source, way=way)
    journal.record(told, now=now)
    links.open_portals(legacy=row, account=account, portal=portal, origin=Origin.MIGRATION, now=now)
    return account


def _takes(portal: PortalSpec, row: LegacyAccount) -> bool:
    """The realm's rules; and no name that is an address, but the own one that nobody else has proved (C2)."""
    if not all(rule.holds(row.login_name) for rule in REALMS[portal.realm].login_name_rules):
        return False
    if not accounts.is_no_other_address(login_name=row.login_name, own=row.email):
        return False
    return not accounts.has_proved_address(realm=portal.realm, login_name=row.login_name)
