"""The e-mailed access code: the second step of accounts that have set up nothing stronger (S0-29, S0-30)."""

from datetime import datetime

from django.db import transaction

from identity.codes import codes
from identity.models import Account, Challenge
from identity.notices.messages import AccessCodeMail
from identity.record import outbox


@transaction.atomic
def send(*, account: Account, tenant: str, now: datetime) -> Challenge:
    """Send the "Access Code Notification" mail. Raises codes.TooManySendings."""
    challenge = codes.issue(account=account, purpose="access", target=account.email, channel="mail", now=now)
    outbox.enqueue(AccessCodeMail(account_id=account.pk, challenge=str(challenge.pk), tenant=tenant), now=now)
    return challenge


def accept(*, account: Account, typed: str, now: datetime) -> None:
    """Use the newest code up. Raises codes.WrongCode or codes.CodeEnded."""
    challenge = codes.check(
        account=account, purpose="access", target=account.email, channels=("mail",), typed=typed, now=now
    )
    codes.use(challenge, now=now)
