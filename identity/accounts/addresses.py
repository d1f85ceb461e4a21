"""The e-mail addresses of an account beside the one of its sign-up: added, proved, made primary, removed (S1-54)."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from identity.codes import codes
from identity.models import Account, Challenge
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.notices.messages import AddressMail, AddressSharedMail
from identity.policy.realms import email_key
from identity.record import delivery, events, journal, outbox
from identity.sessions import sessions

MAX_ADDRESSES = 5
Kind = SecurityAlert.Kind


class TooManyAddresses(Exception):
    """The account has as many addresses as it may have."""


class KnownAddress(Exception):
    """The account has this address already."""


class NotThisAddress(Exception):
    """An address that is not proved cannot become primary; the primary one cannot be removed."""


class IsTheName(Exception):
    """The address is the account's ID: while it is, it stays (C2)."""


class AddressFixed(Exception):
    """A member of staff keeps the address that was invited."""


def for_account(account: Account) -> list[EmailAddress]:
    """The primary address first, then by name."""
    return list(EmailAddress.objects.filter(user=account).order_by("-primary", "email"))


def stopped(rows: list[EmailAddress]) -> dict[str, str]:
    """Which of an account's addresses mail does not reach, and why. That somebody complained is told to whoever has
    proved to read the mailbox."""
    found = delivery.stopped(row.email for row in rows)
    proved_ones = {row.email for row in rows if row.verified}
    bounced = delivery.Cause.BOUNCED
    return {address: cause for address, cause in found.items() if cause == bounced or address in proved_ones}


def counts(row: EmailAddress) -> bool:
    """Whether an address is proved, and nothing stops mail to it: then there is nothing to verify."""
    return row.verified and not delivery.stopped([row.email])


def proved(account: Account) -> list[EmailAddress]:
    """The addresses that the account's owner has proved to read, the primary one first."""
    return [address for address in for_account(account) if address.verified]


def shared_with(account: Account) -> list[tuple[str, list[Account]]]:
    """Each proved address that other active accounts of the realm have proved too, with those accounts (C5).

    Only for somebody who is inside: a stranger must not learn who reads a mailbox.
    """
    found = (
        EmailAddress.objects.filter(
            email__in=[address.email for address in proved(account)],
            verified=True,
            user__realm=account.realm,
            user__is_active=True,
        )
        .exclude(user=account)
        .select_related("user")
        .order_by("email", "user__login_key")
    )
    by_address: dict[str, list[Account]] = {}
    for address in found:
        by_address.setdefault(address.email, []).append(address.user)
    return list(by_address.items())


@transaction.atomic
def keep_shared(*, account: Account, now: datetime) -> None:
    """Whoever has just signed up goes on with an address that others have proved too (S2-24); they are told."""
    journal.record(events.SharedAddressKept(account=account, by=account), now=now)
    tell_those_who_share(account=account, address=account.email, now=now)


def tell_those_who_share(*, account: Account, address: str, now: datetime) -> None:
    """Another ID has proved an address that these have proved too: from now on it signs in to none of them (C5).
    Part of the caller's transaction."""
    others = EmailAddress.objects.filter(
        email=address, verified=True, user__realm=account.realm, user__is_active=True
    ).exclude(user=account)
    for row in others:
        message = AddressSharedMail(account_id=row.user_id, address=row.pk, by=account.pk)
        outbox.enqueue(message, now=now)


@transaction.atomic
def add(*, account: Account, address: str, tenant: str, now: datetime) -> EmailAddress:
    """Add an address and send the mail that proves it.

    Raises TooManyAddresses, KnownAddress or codes.TooManySendings. Whether somebody else has it makes no difference.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    new = email_key(address)
    own = {one.email for one in for_account(account)}
    if new in own:
        raise KnownAddress
    if len(own) >= MAX_ADDRESSES:
        raise TooManyAddresses
    row = EmailAddress.objects.create(user=account, email=new, primary=False, verified=False)
    send_mail(row=row, tenant=tenant, now=now)
    return row


@transaction.atomic
def send_mail(*, row: EmailAddress, tenant: str, now: datetime) -> Challenge:
    """Send link and 10-digit code to an address that is not proved yet. Raises codes.TooManySendings."""
    challenge = codes.issue(account=row.user, purpose="address", target=row.email, channel="mail", now=now)
    message = AddressMail(account_id=row.user_id, challenge=str(challenge.pk), address=row.pk, tenant=tenant)
    outbox.enqueue(message, now=now)
    return challenge


def verify_by_code(*, row: EmailAddress, typed: str, now: datetime) -> None:
    """Prove an added address by its code. Raises codes.WrongCode or codes.CodeEnded."""
    challenge = codes.check(
        account=row.user, purpose="address", target=row.email, channels=("mail",), typed=typed, now=now
    )
    verify_by_link(challenge=challenge, now=now)


@transaction.atomic
def verify_by_link(*, challenge: Challenge, now: datetime) -> EmailAddress:
    """Prove the address that the mail went to; the other addresses are told. Raises codes.CodeEnded.

    It may have been proved by another account meanwhile: then both share it, and it signs in to neither (C5).
    """
    account = Account.objects.select_for_update().get(pk=challenge.holder_id)
    row = next((one for one in for_account(account) if codes.is_for(challenge, one.email)), None)
    if row is None or counts(row) or not account.is_active:
        raise codes.CodeEnded
    codes.use(challenge, now=now)
    delivery.lift_proved(row.email, now=now)
    if row.verified:  # it was stopped, and is read after all
        journal.record(events.EmailVerified(account=account, by=account), now=now)
        return row
    alerts.raise_alert(account=account, kind=Kind.ADDRESS_ADDED, address=row.email, now=now)
    row.verified = True
    row.save(update_fields=["verified"])
    journal.record(events.AddressAdded(account=account, by=account), now=now)
    tell_those_who_share(account=account, address=row.email, now=now)
    return row


@transaction.atomic
def make_primary(*, row: EmailAddress, now: datetime) -> None:
    """Send messages to this address from now on; the one before is told (policy: alerts).

    Raises NotThisAddress or AddressFixed.
    """
    account = Account.objects.select_for_update().get(pk=row.user_id)
    if account.is_staff:
        raise AddressFixed
    found = EmailAddress.objects.filter(user=account, pk=row.pk, verified=True).first()
    if found is None:  # not proved, or removed in another window
        raise NotThisAddress
    if found.primary:
        return
    alerts.raise_alert(account=account, kind=Kind.PRIMARY_CHANGED, address=account.email, now=now)
    set_primary(account=account, row=found, now=now)
    journal.record(events.EmailChanged(account=account, by=account), now=now)


@transaction.atomic
def replace_primary(*, account: Account, address: str, reason: str, now: datetime) -> None:
    """An operator gives an account another primary address: unproved, so that the next sign-in proves it before all
    else. Sessions end, every address is told. For somebody whose mailbox is gone, or was brought back by "not me"."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    old, new = locked.email, email_key(address)
    alerts.raise_alert(account=locked, kind=Kind.PRIMARY_CHANGED, address=old, now=now)
    row, _created = EmailAddress.objects.get_or_create(
        user=locked, email=new, defaults={"primary": False, "verified": False}
    )
    set_primary(account=locked, row=row, now=now)
    EmailAddress.objects.filter(user=locked, email=old).exclude(pk=row.pk).delete()
    sessions.end_all(account=locked, by=None, now=now, reason=reason)
    journal.record(events.EmailReplaced(account=locked, reason=reason), now=now)
    account.refresh_from_db()


def set_primary(*, account: Account, row: EmailAddress, now: datetime) -> None:
    """Write it, within the caller's transaction: codes on their way to the one before end."""
    EmailAddress.objects.filter(user=account, primary=True).update(primary=False)
    EmailAddress.objects.filter(pk=row.pk).update(primary=True)
    Account.objects.filter(pk=account.pk).update(email=row.email)
    for purpose in ("email", "access", "reset", "lost"):
        codes.end_all(account=account, purpose=purpose, now=now)


@transaction.atomic
def remove(*, row: EmailAddress, now: datetime) -> None:
    """Remove an address that is not the primary one; it is told. Raises NotThisAddress or IsTheName."""
    account = Account.objects.select_for_update().get(pk=row.user_id)
    found = EmailAddress.objects.filter(user=account, pk=row.pk, primary=False).first()
    if found is None:
        raise NotThisAddress
    if email_key(account.login_name) == found.email:
        raise IsTheName
    if found.verified:
        alerts.raise_alert(account=account, kind=Kind.ADDRESS_REMOVED, address=found.email, now=now)
    found.delete()
    for purpose in ("address", "reset", "lost"):
        codes.end_all(account=account, purpose=purpose, now=now)
    journal.record(events.AddressRemoved(account=account, by=account), now=now)
