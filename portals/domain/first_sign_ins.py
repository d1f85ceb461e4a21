"""Old accounts that become IDs of the realm itself: made at the first sign-in, with the old name and no password yet
(S4-25, S4-26). The steps of the sign-in ask for the rest."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from identity.domain import accounts, journal
from identity.domain.accounts import SignUp
from identity.models import Account
from identity.realms import REALMS
from portals import events
from portals.domain import links
from portals.models import LegacyAccount
from portals.spec import PortalSpec


class DoneAlready(Exception):
    """The account has its new password: its person signs in as everybody does."""


class NotComplete(Exception):
    """The list had no name or no address for this person, or a name that the realm does not take: staff help."""


class NameTaken(Exception):
    """Somebody in the realm has this user name already. Who knows an old password does not get their account."""


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
    if not (row.email and row.first_name and row.last_name) or not _takes(portal, row.login_name):
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
    LegacyAccount.objects.filter(pk=row.pk).update(account=account, tied_at=now, tied_by=way)
    told = events.LegacyTied(account=account, by=account, about=row, source=row.source, way=way)
    journal.record(told, now=now)
    links.open_portals(legacy=row, account=account, portal=portal, now=now)
    return account


def _takes(portal: PortalSpec, login_name: str) -> bool:
    return all(rule.holds(login_name) for rule in REALMS[portal.realm].login_name_rules)
