"""Getting back in when every second factor is lost: by two mailboxes that the account has proved (issue: lost factor).

With one mailbox only, the help desk helps: see identity.recovery.factor_resets.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from identity.accounts import addresses
from identity.codes import codes
from identity.factors import factors, second_factor
from identity.models import Account, Challenge, Factor
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.notices.messages import LostFactorsMail
from identity.policy import recovery_routes
from identity.record import events, journal, outbox
from identity.sessions import devices, sessions

MAILBOXES = ("mailbox", "second mailbox")


class NotProved(Exception):
    """What was shown is not enough to remove the methods."""


def mailboxes(account: Account) -> list[EmailAddress]:
    """The addresses whose codes count: the primary one, and the others, of which the person chooses one. None where
    there is only one, or for staff, whom operators help."""
    found = addresses.proved(account)
    return found if len(found) > 1 and found[0].primary and not account.is_staff else []


@transaction.atomic
def send_code(*, address: EmailAddress, tenant: str, now: datetime) -> Challenge:
    """Mail a code to one of the two. Raises codes.TooManySendings."""
    challenge = codes.issue(account=address.user, purpose="lost", target=address.email, channel="mail", now=now)
    message = LostFactorsMail(
        account_id=address.user_id, challenge=str(challenge.pk), address=address.pk, tenant=tenant
    )
    outbox.enqueue(message, now=now)
    return challenge


def accept(*, address: EmailAddress, typed: str, now: datetime) -> None:
    """Use the code of one mailbox up. Raises codes.WrongCode or codes.CodeEnded."""
    challenge = codes.check(
        account=address.user, purpose="lost", target=address.email, channels=("mail",), typed=typed, now=now
    )
    codes.use(challenge, now=now)


def may_remove(*, proved: set[str]) -> bool:
    """Whether these proofs remove all methods: see identity.policy.recovery_routes."""
    return any(
        recovery_routes.open_to(name, proved=proved, has_factors=True)
        for name in ("lost methods", "lost methods and password")
    )


@transaction.atomic
def remove_all(*, account: Account, proved: set[str], now: datetime) -> None:
    """Remove every second factor; the person sets up new ones. Raises NotProved."""
    if not may_remove(proved=proved):
        raise NotProved
    erase(account=account, by=account, now=now)


def factors_of(account: Account) -> list[Factor]:
    """Every second factor that the account has set up."""
    return [device for method in second_factor.METHODS for device in method.get_devices(account)]


def erase(*, account: Account, by: Account | None, now: datetime) -> None:
    """Erase the methods in the caller's transaction, tell every channel, and end what they opened."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    methods = factors_of(locked)
    number = next((str(device.number) for device in methods if hasattr(device, "number")), "")
    alerts.raise_alert(account=locked, kind=SecurityAlert.Kind.FACTORS_RESET, old_number=number, now=now)
    for device in methods:
        factors.erase(device)
    devices.end(account=locked, device=None, by=by, now=now)
    sessions.end_all(account=locked, by=by, now=now)
    journal.record(events.FactorsErased(account=locked, by=by), now=now)
    Account.objects.filter(pk=locked.pk).update(factors_taken_back=False)  # two proofs, or two agents, stand for it
    account.refresh_from_db()
