"""Every code and link: derived from the server's key when shown or checked, never stored (policy: Always).

A row (Challenge) keeps only life, tries and use. The newest row of an account, purpose and target is the only one
that counts. Each try is counted before it is compared, so parallel guesses cannot share one.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from identity.keys import links
from identity.keys.fields import is_one_of, keyed_hash, seals
from identity.models import Account, Challenge
from identity.policy import lifecycle, text
from identity.record import delivery, transactions

Purpose = Literal[
    "email", "phone", "second_factor", "access", "address", "reset", "lost", "link", "mailbox", "typed_mailbox"
]
TRIES = 5
DIGITS = "0123456789"
READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, O, 1 and I


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` sendings within the named period, to an account and to an address or number.

    One that is `of_resending` speaks of the account's unused codes only: who has just used one gets the next at once.
    """

    count: int
    period: str
    of_resending: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """How codes of one purpose look, live and are limited."""

    length: int
    life: str
    limits: tuple[Limit, ...]
    alphabet: str = DIGITS


_PAUSE = Limit(1, "resend_pause", of_resending=True)
_PHONE = Kind(6, "phone_code", (_PAUSE, Limit(5, "resend_window"), Limit(10, "daily_codes")))
_MAILED = Kind(8, "access_code", (_PAUSE, Limit(5, "resend_window"), Limit(10, "daily_codes")), READABLE)
KINDS: dict[Purpose, Kind] = {
    "email": Kind(10, "activation", (_PAUSE, Limit(5, "activation_window"))),
    "phone": _PHONE,
    "second_factor": _PHONE,
    "access": _MAILED,
    "address": Kind(10, "activation", (_PAUSE, Limit(5, "activation_window"))),  # one beside the primary address
    "reset": Kind(10, "reset_link", (Limit(5, "reset_window"),)),  # a link only
    "lost": _MAILED,
    "mailbox": _MAILED,  # an address that somebody was invited by, or has shown to read: with an account or without
    "typed_mailbox": _MAILED,  # one that anybody may type: what strangers use up is not its owner's (decision 0061)
    "link": Kind(10, "link_mail", (_PAUSE, Limit(5, "reset_window"))),  # a link only, to an account elsewhere
}


def target_key(purpose: str, target: str) -> str:
    """The fingerprint of an address or number. Codes that prove a phone and codes that sign in share its limits."""
    return keyed_hash("phone" if purpose == "second_factor" else purpose, target)


class TooManySendings(Exception):
    """No code was sent; one can be sent again after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class CodeRefused(Exception):
    """The typed code did not count; the subclass says why."""


class WrongCode(CodeRefused):
    """Another value than the newest code's; `tries_left` more can be made."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"{tries_left} tries left")
        self.tries_left = tries_left


class CodeEnded(CodeRefused):
    """Too old, already used, tried too often, or never sent: a new one is needed."""


@transaction.atomic
def issue(*, account: Account | None, purpose: Purpose, target: str, channel: str, now: datetime) -> Challenge:
    """Make a new code for `target` (an address or E.164 number); earlier ones of this purpose stop counting.

    `account` is None for somebody who has none yet: the target's limits hold alone. Raises TooManySendings (S0-22,
    S1-47). The caller enqueues the message that carries it.
    """
    # One sending at a time an account, and one an address or number: the limits count both (M3).
    if account is not None:
        Account.objects.select_for_update().get(pk=account.pk)
    transactions.lock(target_key(purpose, target))
    check_can_issue(account=account, purpose=purpose, target=target, channel=channel, now=now)
    if channel == "mail":  # whoever asks for a code tries a mailbox that bounced once more
        delivery.lift(delivery.address_key(target), now=now)
    return Challenge.objects.create(
        account=account,
        purpose=purpose,
        target_key=target_key(purpose, target),
        number=_next_number(account, target_key(purpose, target)),
        channel=channel,
        sent_at=now,
        expires_at=now + lifecycle.after(KINDS[purpose].life),
    )


def check_can_issue(*, account: Account | None, purpose: Purpose, target: str, channel: str, now: datetime) -> None:
    """Raise TooManySendings when a limit of this purpose is reached.

    Counted over all channels: on the account, and on the address or number, whoever asks for it. The short pause is
    between two codes for the same step: people of one office share a phone, and a new sign-in is a new step. Changing
    the way, from a call to a text or to the other call, is free once within it (C2): who is called at a desk without
    that phone must not wait.

    Sendings are in the order of their numbers. Where the clock has stepped back, some are dated after now: they count
    as of the next one that is not; while there is none, nobody knows how old they are, and one more is sent (L12).
    """
    of_account = _of_holder(account.pk if account else None, purpose, target_key(purpose, target))
    of_target = Challenge.objects.filter(target_key=target_key(purpose, target))
    for limit in KINDS[purpose].limits:
        over = now - lifecycle.after(limit.period)
        for sendings in (of_account.filter(used_at=None),) if limit.of_resending else (of_account, of_target):
            sent = list(sendings.order_by("-number").values_list("sent_at", "channel")[: limit.count + 1])
            counted = [at for at, _channel in sent[: limit.count] if at <= now]
            if len(sent) < limit.count or not counted or counted[-1] <= over:
                continue
            only_one = limit.of_resending and (len(sent) == limit.count or not over < sent[-1][0] <= now)
            if not (only_one and sent[0][1] != channel):
                raise TooManySendings(counted[-1] - over)


def _of_holder(account_id: int | None, purpose: str, key: str) -> QuerySet[Challenge]:
    """The sendings among which the newest counts: of an account, whatever they were sent to; without one, of the
    target."""
    rows = Challenge.objects.filter(account=account_id, purpose=purpose)
    return rows.filter(target_key=key) if account_id is None else rows


def _next_number(account: Account | None, key: str) -> int:
    """One more than any that its account or its target has: both are locked, so each has an order of its own."""
    of_target = Q(target_key=key)
    of_both = Challenge.objects.filter(of_target if account is None else Q(account=account) | of_target)
    return (of_both.aggregate(last=Max("number"))["last"] or 0) + 1


def newest(*, account: Account | None, purpose: Purpose, target: str) -> Challenge | None:
    """The one challenge that counts, whether or not it is still alive."""
    key = target_key(purpose, target)
    found = _of_holder(account.pk if account else None, purpose, key).order_by("-number").first()
    return found if found and found.target_key == key else None


def is_alive(challenge: Challenge, *, now: datetime) -> bool:
    """Whether the challenge could still be redeemed, however late any clean-up is."""
    return challenge.used_at is None and now < challenge.expires_at and challenge.tries < TRIES


def code_of(challenge: Challenge) -> str:
    """The digits or letters that belong to a challenge."""
    return _codes_of(challenge)[0]


def _codes_of(challenge: Challenge) -> list[str]:
    """The code, and what it was under former keys that still count."""
    kind = KINDS[challenge.purpose]  # type: ignore[index]
    return [_written(mac, kind) for mac in seals("code", _bound(challenge, "code"))]


def _written(mac: bytes, kind: Kind) -> str:
    number, code = int.from_bytes(mac[:16], "big"), ""
    for _ in range(kind.length):
        number, place = divmod(number, len(kind.alphabet))
        code += kind.alphabet[place]
    return code


def plain(typed: str) -> str:
    """What was typed without what people add for their eyes (spaces, dashes, small letters), digits of any script as 0
    to 9, letters of any width as A to Z (T11)."""
    return "".join(unicodedata.normalize("NFKC", text.digits(typed)).split()).replace("-", "").upper()


def token_of(challenge: Challenge) -> str:
    """The token of the link that stands in the same mail as the code."""
    return links.seal(challenge.pk, _bound(challenge, "link"))


def find(token: str, *purposes: Purpose) -> Challenge | None:
    """The challenge a link's token belongs to, whatever its state; None for a token that we did not make, or made for
    another purpose."""
    found = Challenge.objects.select_related("account").filter(pk=links.pk_of(token), purpose__in=purposes)
    challenge = found.first()
    return challenge if challenge and links.is_genuine(token, challenge.pk, _bound(challenge, "link")) else None


def check(
    *, account: Account | None, purpose: Purpose, target: str, channels: tuple[str, ...], typed: str, now: datetime
) -> Challenge:
    """Compare what was typed (spaces, dashes, case do not matter) with the newest code; `use` it in the change itself.

    `channels` are the ways the answer could have come: a code that was shown for a call is worth nothing on a page,
    and the other way round. Raises WrongCode or CodeEnded. The try counts whatever comes of it, so call this before the
    transaction that the exception would roll back.
    """
    challenge = newest(account=account, purpose=purpose, target=target)
    if challenge is None or challenge.channel not in channels:
        raise CodeEnded
    check_this(challenge, typed=typed, now=now)
    return challenge


def check_this(challenge: Challenge, *, typed: str, now: datetime) -> None:
    """The same for a challenge that a link has named. Raises WrongCode or CodeEnded."""
    if not _count_try(challenge, now=now):
        raise CodeEnded
    if not is_one_of(plain(typed), _codes_of(challenge)):
        raise WrongCode(tries_left=TRIES - challenge.tries - 1)


def is_for(challenge: Challenge, target: str) -> bool:
    """Whether the challenge is the newest of its account and purpose, and was made for this address or number."""
    return challenge.target_key == target_key(challenge.purpose, target) and not is_superseded(challenge)


def end_all(*, account: Account, purpose: Purpose, now: datetime) -> None:
    """End every code of a purpose: what it was sent to has changed."""
    Challenge.objects.filter(account=account, purpose=purpose, expires_at__gt=now).update(expires_at=now)


def is_superseded(challenge: Challenge) -> bool:
    """Whether a later code was sent: only the newest counts, so that an old mail's link is worth nothing."""
    same = _of_holder(challenge.account_id, challenge.purpose, challenge.target_key)
    return same.filter(number__gt=challenge.number).exists()


def use(challenge: Challenge, *, now: datetime) -> None:
    """Use a challenge up, once: of parallel callers one wins, the others get CodeEnded."""
    used = Challenge.objects.filter(pk=challenge.pk, used_at=None, expires_at__gt=now).update(used_at=now)
    if not used:
        raise CodeEnded


def _count_try(challenge: Challenge, *, now: datetime) -> bool:
    return bool(
        Challenge.objects.filter(pk=challenge.pk, used_at=None, tries__lt=TRIES, expires_at__gt=now).update(
            tries=F("tries") + 1
        )
    )


def _bound(challenge: Challenge, form: str) -> str:
    return f"{form}\0{challenge.purpose}\0{challenge.account_id}\0{challenge.pk.hex}\0{challenge.target_key}"
