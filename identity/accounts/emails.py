"""Proving that an address is read by the person who gave it (S0-19..28, S1-44, S1-45)."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from identity.codes import codes
from identity.models import Account, Challenge
from identity.notices.messages import ActivationMail
from identity.policy.realms import email_key
from identity.record import delivery, events, journal, outbox


class AddressFixed(Exception):
    """This address is not changed here: it is proved already, or the account was made for whoever reads it (a member of
    staff who was invited, somebody who came over from an old system)."""


def is_verified(account: Account) -> bool:
    """Whether the primary address of the account is proved."""
    if getattr(account, "email_is_proved", False):  # the look-up of a sign-in has asked
        return True
    return EmailAddress.objects.filter(user=account, email=account.email, verified=True).exists()


@transaction.atomic
def send_activation(*, account: Account, tenant: str, now: datetime) -> Challenge:
    """Send the one mail that carries link and 10-digit code (S0-26). Raises codes.TooManySendings."""
    challenge = codes.issue(account=account, purpose="email", target=account.email, channel="mail", now=now)
    outbox.enqueue(ActivationMail(account_id=account.pk, challenge=str(challenge.pk), tenant=tenant), now=now)
    return challenge


def verify_by_code(*, account: Account, typed: str, now: datetime) -> None:
    """Prove the address by the typed 10-digit code (S0-21). Raises codes.WrongCode or codes.CodeEnded."""
    challenge = codes.check(
        account=account, purpose="email", target=account.email, channels=("mail",), typed=typed, now=now
    )
    _verify(challenge, now=now)


def link_counts(account: Account, *, here: bool) -> bool:
    """Whether the button behind the link proves the address, `here` in the browser that begun, or in another one (C22).

    Of staff it never does elsewhere: whoever enrolled with a forwarded invitation would get the rights by a press of
    the invited person, who waits for just such a mail (D-26).
    """
    return here or not account.is_staff


def verify_by_link(*, challenge: Challenge, here: bool, now: datetime) -> None:
    """Prove the address by the button of the page that the link opens (C24). Raises codes.CodeEnded, also where the
    link does not count (see link_counts)."""
    if challenge.account is None or not link_counts(challenge.account, here=here):
        raise codes.CodeEnded
    _verify(challenge, now=now)


@transaction.atomic
def _verify(challenge: Challenge, *, now: datetime) -> None:
    # The address may have been changed since the code was compared: only under the lock it is certain.
    account = Account.objects.select_for_update().get(pk=challenge.holder_id)
    if not codes.is_for(challenge, account.email):
        raise codes.CodeEnded
    codes.use(challenge, now=now)
    if not EmailAddress.objects.filter(user=account, email=account.email).update(verified=True):
        raise codes.CodeEnded
    delivery.lift_proved(account.email, now=now)
    journal.record(events.EmailVerified(account=account, by=account), now=now)


def may_change_unverified(account: Account) -> bool:
    """Whether its address was typed by the person who is at the keyboard: then it may be a mistake. Who was made an
    account proves the mailbox it was made for, or an old password alone would take it (S4-26)."""
    return not account.is_staff and account.has_usable_password()


@transaction.atomic
def change_unverified(*, account: Account, address: str, tenant: str, now: datetime) -> None:
    """Replace an address that was never proved, and send the activation mail to the new one (S0-22).

    Raises AddressFixed or codes.TooManySendings; then nothing was changed.
    """
    new = email_key(address)
    locked = Account.objects.select_for_update().get(pk=account.pk)
    waiting = EmailAddress.objects.filter(user=account, email=locked.email, verified=False)
    if not may_change_unverified(locked) or not waiting.update(email=new):
        raise AddressFixed
    codes.end_all(account=account, purpose="email", now=now)
    Account.objects.filter(pk=account.pk).update(email=new)
    account.email = new
    journal.record(events.EmailChanged(account=account, by=account), now=now)
    send_activation(account=account, tenant=tenant, now=now)
