"""Forgot ID and forgot password: what a page asks, a worker looks up, and a mail answers (S2-07, S4-30..35).

The page writes one row whatever was typed; only the worker asks whose it is. So its answer, its bytes and its time are
the same for everybody, and what there is to tell goes to the mailbox.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from identity.accounts import accounts, passwords
from identity.codes import codes
from identity.factors import second_factor
from identity.models import Account, Challenge, RecoveryRequest
from identity.notices.messages import LoginNamesMail, ResetMail
from identity.policy import lifecycle
from identity.policy.realms import email_key
from identity.record import delivery, outbox, queue

logger = logging.getLogger(__name__)

Kind = RecoveryRequest.Kind

nudge: Callable[[], object] = queue.noop  # has a worker look at once; IdentityConfig sets it


@transaction.atomic
def ask(*, kind: str, realm: str, tenant: str, address: str, now: datetime, login_name: str = "") -> None:
    """Keep what somebody typed for the worker, and nudge it."""
    RecoveryRequest.objects.create(
        kind=kind, realm=realm, tenant=tenant, login_name=login_name, address=email_key(address), asked_at=now
    )
    transaction.on_commit(nudge, robust=True)


@transaction.atomic
def answer_next(*, now: datetime) -> bool:
    """Look one request up, enqueue its mail and forget what was typed; False when none waits."""
    waiting = queue.free(RecoveryRequest.objects.order_by("pk"))
    key = waiting.values_list("pk", flat=True).first()  # what was typed is not looked at yet
    if key is None:
        return False
    try:
        with transaction.atomic():
            request = RecoveryRequest.objects.get(pk=key)
            if now < request.asked_at + lifecycle.after("reset_link"):  # later nobody waits for the mail
                (_send_names if request.kind == Kind.ID else _send_link)(request, now=now)
    except Exception as error:  # one that cannot be answered must not stand in the way of the others
        logger.error("a recovery request could not be answered", extra={"error": type(error).__name__})
    RecoveryRequest.objects.filter(pk=key).delete()
    return True


def _send_names(request: RecoveryRequest, *, now: datetime) -> None:
    """One mail with every login name, in the language of the account that is oldest."""
    first = Account.objects.reached_at(request.address, request.realm).order_by("pk").first()
    if first is not None:
        address = EmailAddress.objects.get(user=first, email=request.address)
        delivery.lift(delivery.address_key(address.email), now=now)
        message = LoginNamesMail(
            account_id=first.pk, address=address.pk, tenant=request.tenant, request=str(request.pk)
        )
        outbox.enqueue(message, now=now)


def _send_link(request: RecoveryRequest, *, now: datetime) -> None:
    """The link, when name and address belong together; the limit on links is the account's own."""
    reached = Account.objects.reached_at(request.address, request.realm)
    account = reached.named(request.realm, request.login_name).first()
    if account is None:
        return
    proved = EmailAddress.objects.filter(user=account, verified=True)
    address = proved.get(email=request.address)
    if not second_factor.devices_of(account) and not address.primary:
        # Where a mailbox alone is enough, it is the one that messages go to (D-22).
        address = proved.filter(email=account.email).first() or address
    try:
        challenge = codes.issue(account=account, purpose="reset", target=address.email, channel="mail", now=now)
    except codes.TooManySendings:
        return
    outbox.enqueue(
        ResetMail(account_id=account.pk, challenge=str(challenge.pk), address=address.pk, tenant=request.tenant),
        now=now,
    )


def open_link(token: str, *, now: datetime, begun: bool = False) -> Challenge:
    """The challenge of a reset link that still counts; one that was begun outlives a newer one, which a stranger may
    have asked for. Raises codes.CodeEnded."""
    challenge = codes.find(token, "reset")
    if (
        challenge is None
        or not codes.is_alive(challenge, now=now)
        or (codes.is_superseded(challenge) and not begun)
        or not challenge.account.is_active
    ):
        raise codes.CodeEnded
    return challenge


def reset_password(*, challenge: Challenge, password: str, now: datetime) -> None:
    """Set the new password and use the link up, in one step: of two browsers with the same link one sets it.

    Raises codes.CodeEnded or hash_pool.Busy. The caller has asked for the second factor (see policy.recovery_routes).
    """
    encoded = accounts.hashed(password)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=challenge.holder_id)  # before its codes, as everywhere
        codes.use(challenge, now=now)
        passwords.store(account=challenge.account, encoded=encoded, now=now)
