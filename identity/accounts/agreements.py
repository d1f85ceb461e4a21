"""Agreeing to a version: by a button, a box, or the typed name (C18, S4-15); who did, and who still has to."""

from datetime import datetime

from django.db import transaction

from identity.models import Account, Signature
from identity.policy import text
from identity.policy.agreements import AGREEMENTS, Agreement
from identity.policy.realms import REALMS
from identity.record import events, journal

_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "md", "do", "rn", "np", "pa", "phd", "dds"}


class NameDiffers(Exception):
    """The typed name is not the one of the account."""


def for_account(account: Account) -> Agreement:
    """The agreement of the account's realm."""
    return AGREEMENTS[REALMS[account.realm].agreement]


def for_role(account: Account, role: str) -> Agreement | None:
    """What the account's realm asks of this role before its first act."""
    key = dict(REALMS[account.realm].duties).get(role)
    return AGREEMENTS[key] if key else None


def owes(account: Account, role: str) -> bool:
    """Whether the newest version of a role's duties was not agreed to."""
    agreement = for_role(account, role)
    if agreement is None:
        return False
    signed = Signature.objects.filter(account=account, agreement=agreement.key, version=agreement.current.number)
    return not signed.exists()


def is_due(account: Account) -> bool:
    """Whether the next sign-in asks: the newest version was not agreed to."""
    return account.terms_version < for_account(account).current.number


def is_name_of(account: Account, typed: str) -> bool:
    """Whether this is the account's name, ignoring case, spaces, accents, apostrophes and suffixes (S4-15)."""
    name = account.get_full_name()
    return any(_plain(typed, drop) == _plain(name, drop) != "" for drop in (set[str](), _SUFFIXES))


def _plain(name: str, drop: set[str]) -> str:
    return "".join(word for word in text.words(name.replace(".", "")) if word not in drop)


@transaction.atomic
def sign(
    *, account: Account, language: str, now: datetime, typed_name: str = "", agreement: Agreement | None = None
) -> None:
    """Agree to the newest version of the realm's agreement, or of the duties of a role; once, however often it is
    pressed. Raises NameDiffers."""
    of_realm = for_account(account)
    agreement = agreement or of_realm
    version = agreement.current
    if version.mode == "typed name" and not is_name_of(account, typed_name):
        raise NameDiffers
    _row, created = Signature.objects.get_or_create(
        account=account,
        agreement=agreement.key,
        version=version.number,
        defaults={
            "mode": version.mode,
            "name": account.get_full_name(),
            "login_name": account.login_name,
            "typed_name": text.line(typed_name),
            "language": language,
            "at": now,
        },
    )
    if agreement == of_realm:
        Account.objects.filter(pk=account.pk, terms_version__lt=version.number).update(terms_version=version.number)
        account.terms_version = version.number
    if created:
        journal.record(
            events.AgreementSigned(account=account, by=account, agreement=agreement.key, version=version.number),
            now=now,
        )
