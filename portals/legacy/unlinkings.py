"""Taking an old account from an ID: one member of staff asks and says why, another one does it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from identity.accounts import staff_rights
from identity.models import Account
from identity.policy import lifecycle
from identity.record.machine import Machine, NotPossible
from identity.tenancy import tenancy
from portals import events, registry
from portals.legacy import links
from portals.legacy.messages import LegacyUnlinkedMail
from portals.models import LegacyAccount, Unlinking
from rbac.domain import grants
from rbac.models import AccessGrant
from rbac.models.origins import OF_OLD_ACCOUNTS

State = Unlinking.State
RIGHT = "portals.untie_accounts"
UNLINKED = "old account untied"  # the reason of what ends with it
MAX_LENGTH = 400  # characters of a reason


class UnlinkingMachine(Machine[Unlinking]):
    """The life of an unlinking."""

    model = Unlinking
    begins = frozenset({State.ASKED})
    transitions = {
        State.ASKED: frozenset({State.DONE, State.CANCELLED}),
        State.DONE: frozenset(),
        State.CANCELLED: frozenset(),
    }
    events = {
        State.ASKED: events.UnlinkingAsked,
        State.DONE: events.LegacyUnlinked,
        State.CANCELLED: events.UnlinkingCancelled,
    }
    messages = {
        State.ASKED: None,  # a second member of staff has to look at it first
        State.DONE: LegacyUnlinkedMail,
        State.CANCELLED: None,
    }
    needs_reason = frozenset({State.ASKED, State.CANCELLED})
    by_two = {State.DONE: "asked_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"ended_by": by, "ended_at": now}

    def facts(self, row: Unlinking, *, reason: str) -> dict[str, Any]:
        return {"account": row.account, "source": row.legacy.source, "reason": reason}

    def message_ids(self, row: Unlinking, *, by: Account | None) -> Iterable[dict[str, Any]]:
        return [{"account_id": row.account_id, "unlinking": str(row.pk)}]


MACHINE = UnlinkingMachine()


class NotLinked(Exception):
    """The old account is linked to nobody, or is the ID itself."""


class AskedAlready(Exception):
    """An unlinking of this old account waits for a second member of staff."""


def check_may_unlink(*, agent: Account, account: Account, source: str) -> None:
    """Raise staff_rights.MayNotHandle unless the agent has the right, answers for every portal that such an old
    account opened (D-28), and has no less rights than the account."""
    opened = set(links.could_open(registry.of_source(source)))
    if not agent.has_perm(RIGHT) or opened - tenancy().scope_of(agent).portals:
        raise staff_rights.MayNotHandle
    staff_rights.check_can_handle(agent=agent, account=account)


@transaction.atomic
def ask(*, legacy: LegacyAccount, reason: str, by: Account, now: datetime) -> Unlinking:
    """The first of two. Raises NotLinked, staff_rights.MayNotHandle, ReasonMissing or AskedAlready."""
    source = registry.of_source(legacy.source).legacy
    if legacy.account is None or source is None or source.realm_account:
        raise NotLinked
    check_may_unlink(agent=by, account=legacy.account, source=legacy.source)
    MACHINE.check_reason(to=State.ASKED, reason=reason)
    old = Unlinking.objects.filter(
        legacy=legacy, state=State.ASKED, asked_at__lte=now - lifecycle.after("untying_open")
    ).first()
    if old is not None:
        MACHINE.move(old, to=State.CANCELLED, by=None, now=now, reason="no second member of staff")
    try:
        with transaction.atomic():
            unlinking = Unlinking.objects.create(
                legacy=legacy, account=legacy.account, reason=reason.strip()[:MAX_LENGTH], asked_by=by, asked_at=now
            )
    except IntegrityError as error:
        raise AskedAlready from error
    MACHINE.tell(unlinking, by=by, now=now, reason=reason)
    return unlinking


@transaction.atomic
def do(*, unlinking: Unlinking, by: Account, now: datetime) -> None:
    """The second of two: the old account is free, what it opened is closed, the person is told.

    Raises SamePerson, staff_rights.MayNotHandle or NotPossible.
    """
    MACHINE.check_second(unlinking, to=State.DONE, by=by)
    check_may_unlink(agent=by, account=unlinking.account, source=unlinking.legacy.source)
    if not is_open(unlinking, now=now):
        raise NotPossible(unlinking)
    legacy = unlinking.legacy
    theirs = LegacyAccount.objects.filter(pk=legacy.pk, account=unlinking.account)
    if not theirs.update(account=None, linked_at=None, linked_by=""):
        raise NotPossible(unlinking)
    MACHINE.move(unlinking, to=State.DONE, by=by, now=now)  # what is told of it is true by then
    _close_portals(legacy, unlinking.account, by=by, now=now)


@transaction.atomic
def cancel(*, unlinking: Unlinking, reason: str, by: Account, now: datetime) -> None:
    """Give it up. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    check_may_unlink(agent=by, account=unlinking.account, source=unlinking.legacy.source)
    MACHINE.move(unlinking, to=State.CANCELLED, by=by, now=now, reason=reason)


def is_open(unlinking: Unlinking, *, now: datetime) -> bool:
    """Whether a second member of staff can still do it."""
    return unlinking.state == State.ASKED and now < unlinking.asked_at + lifecycle.after("untying_open")


def _close_portals(legacy: LegacyAccount, account: Account, *, by: Account, now: datetime) -> None:
    """End the access that came of the old account; of a grant that was there before, what it has from it.

    What it opened then, the grants know; the old account's own rights are what the newest list says."""
    for key in links.could_open(registry.of_source(legacy.source)):
        grant = AccessGrant.objects.current().in_portal(key).filter(account=account).first()
        if grant is None or "legacy_user_name" not in grant.attributes:
            continue
        if grant.origin in OF_OLD_ACCOUNTS:
            grants.end(account=account, portal_key=key, reason=UNLINKED, by=by, now=now)
            continue
        rights = grant.attributes.get("legacy_rights", [])
        grants.withdraw_capabilities(grant=grant, capabilities=rights, reason=UNLINKED, by=by, now=now)
        grants.annotate(grant=grant, facts={}, without=("legacy_rights", "legacy_user_name"))
