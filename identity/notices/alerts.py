"""Alerts about an account, and the links with which its owner answers "this was not me" (policy: alerts)."""

from datetime import datetime

from allauth.account.models import EmailAddress

from identity.keys import links
from identity.models import Account, SecurityAlert
from identity.notices.messages import AlertMail, AlertText
from identity.policy import lifecycle
from identity.policy.realms import REALMS
from identity.record import outbox

Kind = SecurityAlert.Kind
# A sign-in is told to the primary address; whatever changes the account is told to every address and the phone.
_ONE_MAIL = (Kind.NEW_DEVICE, Kind.DEVICE_COPIED)


class AlertEnded(Exception):
    """Answered already, or older than ten days."""


def raise_alert(
    *,
    account: Account,
    kind: str,
    now: datetime,
    what: str = "",
    place: str = "",
    old_number: str = "",
    address: str = "",
) -> SecurityAlert:
    """Tell the owner by mail, and by text when something changed; within the caller's transaction.

    Who is told is fixed now, whatever becomes of the addresses before a mail leaves: the primary address, for a change
    the other proved ones too, and `address`, one that was just removed or replaced. `old_number` is told as well; where
    the phone serves authentication only, it alone is, of itself (C35). Call it before an address becomes one of the
    account's, else the newcomer is told of itself.
    """
    told = [account.email]
    if kind not in _ONE_MAIL:
        told += EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True)
    if address and kind != Kind.ADDRESS_ADDED:
        told.append(address)
    told = list(dict.fromkeys(one for one in told if one))
    alert = SecurityAlert.objects.create(
        account=account,
        kind=kind,
        what=what,
        place=place,
        old_number=old_number,
        address=address,
        told="\n".join(told),
        at=now,
    )
    for number in range(len(told)):
        outbox.enqueue(AlertMail(account_id=account.pk, alert=str(alert.pk), number=number), now=now)
    if kind not in _ONE_MAIL and (old_number or not REALMS[account.realm].phone_for_codes_only):
        outbox.enqueue(AlertText(account_id=account.pk, alert=str(alert.pk)), now=now)
    return alert


def find(token: str, *, now: datetime) -> SecurityAlert:
    """The alert of a link. Raises AlertEnded."""
    alert = SecurityAlert.objects.select_related("account").filter(pk=links.pk_of(token)).first()
    if alert is None or not links.is_genuine(token, alert.pk, alert.bound_to) or not is_open(alert, now=now):
        raise AlertEnded
    return alert


def is_open(alert: SecurityAlert, *, now: datetime) -> bool:
    """Whether the alert can still be answered."""
    return alert.answered_at is None and now < alert.at + lifecycle.after("alert_answer")
