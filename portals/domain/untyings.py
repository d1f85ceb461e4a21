"""Taking an old account from an ID: one member of staff asks and says why, another one does it.

The life of an untying stands in two tables, and one function moves it along them.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from identity import lifecycle
from identity.domain import journal, outbox, staff_rights
from identity.models import Account
from portals import events, registry
from portals.domain import links
from portals.messages.people import LegacyUntiedMail
from portals.models import LegacyAccount, Untying
from rbac.domain import grants
from rbac.models import AccessGrant

State = Untying.State
RIGHT = "portals.untie_accounts"
BECAUSE = "old account untied"
LONGEST = 400  # characters of a reason

TRANSITIONS: dict[str, frozenset[str]] = {
    State.ASKED: frozenset({State.DONE, State.CANCELLED}),
    State.DONE: frozenset(),
    State.CANCELLED: frozenset(),
}
EVENTS: dict[str, type[events.UntyingEvent]] = {
    State.ASKED: events.UntyingAsked,
    State.DONE: events.LegacyUntied,
    State.CANCELLED: events.UntyingCancelled,
}
MESSAGES: dict[str, type[LegacyUntiedMail] | None] = {
    State.ASKED: None,  # a second member of staff has to look at it first
    State.DONE: LegacyUntiedMail,
    State.CANCELLED: None,
}


class SameAgent(Exception):
    """Whoever asked for an untying does not do it."""


class ReasonMissing(Exception):
    """Asking and cancelling say why."""


class NotTied(Exception):
    """The old account is tied to nobody, or is the ID itself."""


class AskedAlready(Exception):
    """An untying of this old account waits for a second member of staff."""


class NotPossible(Exception):
    """It is done, cancelled or too old; or the old account was tied anew meanwhile."""


def check_may_untie(*, agent: Account, account: Account) -> None:
    """Raise staff_rights.MayNotHandle unless the agent has the right, and no less of it than the account."""
    if not agent.has_perm(RIGHT):
        raise staff_rights.MayNotHandle
    staff_rights.check_can_handle(agent=agent, account=account)


@transaction.atomic
def ask(*, legacy: LegacyAccount, reason: str, by: Account, now: datetime) -> Untying:
    """The first of two. Raises NotTied, staff_rights.MayNotHandle, ReasonMissing or AskedAlready."""
    source = registry.of_source(legacy.source).legacy
    if legacy.account is None or source is None or source.realm_account:
        raise NotTied
    check_may_untie(agent=by, account=legacy.account)
    _check_reason(reason)
    old = Untying.objects.filter(
        legacy=legacy, state=State.ASKED, asked_at__lte=now - lifecycle.after("untying_open")
    ).first()
    if old is not None:
        _move(old, State.CANCELLED, by=None, now=now, reason="no second member of staff")
    try:
        with transaction.atomic():
            untying = Untying.objects.create(
                legacy=legacy, account=legacy.account, reason=reason.strip()[:LONGEST], asked_by=by, asked_at=now
            )
    except IntegrityError as error:
        raise AskedAlready from error
    _record(untying, by=by, now=now, reason=reason)
    return untying


@transaction.atomic
def do(*, untying: Untying, by: Account, now: datetime) -> None:
    """The second of two: the old account is free, what it opened is closed, the person is told.

    Raises SameAgent, staff_rights.MayNotHandle or NotPossible.
    """
    if by.pk == untying.asked_by_id:
        raise SameAgent
    check_may_untie(agent=by, account=untying.account)
    if not is_open(untying, now=now):
        raise NotPossible
    legacy = untying.legacy
    theirs = LegacyAccount.objects.filter(pk=legacy.pk, account=untying.account)
    if not theirs.update(account=None, tied_at=None, tied_by=""):
        raise NotPossible
    _move(untying, State.DONE, by=by, now=now)  # what is told of it is true by then
    _close_portals(legacy, untying.account, by=by, now=now)


@transaction.atomic
def cancel(*, untying: Untying, reason: str, by: Account, now: datetime) -> None:
    """Give it up. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    check_may_untie(agent=by, account=untying.account)
    _check_reason(reason)
    _move(untying, State.CANCELLED, by=by, now=now, reason=reason)


def is_open(untying: Untying, *, now: datetime) -> bool:
    """Whether a second member of staff can still do it."""
    return untying.state == State.ASKED and now < untying.asked_at + lifecycle.after("untying_open")


def _close_portals(legacy: LegacyAccount, account: Account, *, by: Account, now: datetime) -> None:
    """End the access that came of the old account; of a grant that was there before, what it has from it.

    What it opened then, the grants know; the old account's own rights are what the newest list says."""
    for key in links.could_open(registry.of_source(legacy.source)):
        grant = AccessGrant.objects.current().in_portal(key).filter(account=account).first()
        if grant is None or "legacy_user_name" not in grant.attributes:
            continue
        if grant.because_of == links.BECAUSE:
            grants.end(account=account, portal_key=key, because_of=BECAUSE, by=by, now=now)
            continue
        rights = grant.attributes.pop("legacy_rights", [])
        del grant.attributes["legacy_user_name"]
        grants.withdraw_capabilities(grant=grant, capabilities=rights, because_of=BECAUSE, by=by, now=now)
        AccessGrant.objects.filter(pk=grant.pk).update(attributes=grant.attributes)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _move(untying: Untying, to: State, *, by: Account | None, now: datetime, reason: str = "") -> None:
    """Change the state by compare-and-set: of two who press at once, one wins."""
    if to not in TRANSITIONS[untying.state]:
        raise NotPossible
    mine = Untying.objects.filter(pk=untying.pk, state=untying.state)
    if not mine.update(state=to, ended_by=by, ended_at=now):
        raise NotPossible
    untying.refresh_from_db(fields=["state", "ended_by", "ended_at"])
    _record(untying, by=by, now=now, reason=reason)


def _record(untying: Untying, *, by: Account | None, now: datetime, reason: str = "") -> None:
    """The event and the message of the state that it has just reached."""
    event = EVENTS[untying.state]
    told = event(account=untying.account, by=by, about=untying, source=untying.legacy.source, reason=reason.strip())
    journal.record(told, now=now)
    if message := MESSAGES[untying.state]:
        outbox.enqueue(message(account_id=untying.account_id, untying=str(untying.pk)), now=now)
