"""Which messages a person gets: the kinds that may be turned off, and what they chose."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from identity.models import Account, MutedMessage
from identity.record import events, journal, outbox


class NoSuchKind(Exception):
    """There is no such kind of message, or it cannot be turned off."""


def optional() -> list[type[outbox.AnyMessage]]:
    """The kinds of messages that their reader may turn off, by their titles."""
    kinds = [kind for kind in outbox.KINDS.values() if kind.optional]
    return sorted(kinds, key=lambda kind: str(kind.title))


def wanted(account: Account) -> list[str]:
    """The stored names of those that this person gets."""
    muted = set(MutedMessage.objects.of(account).values_list("kind", flat=True))
    return [kind.stored_as for kind in optional() if kind.stored_as not in muted]


@transaction.atomic
def choose(*, account: Account, wanted: Collection[str], now: datetime) -> None:
    """Get these messages and no other of the optional ones, from the next one on (decision 0057). Raises NoSuchKind.

    Saving the same twice changes nothing; of two windows the last one counts.
    """
    offered = {kind.stored_as for kind in optional()}
    if set(wanted) - offered:
        raise NoSuchKind
    muted, rows = offered - set(wanted), MutedMessage.objects.of(account)
    before = set(rows.filter(kind__in=offered).values_list("kind", flat=True))
    if before == muted:
        return
    rows.filter(kind__in=before - muted).delete()
    new = [MutedMessage(account=account, kind=kind, created_at=now) for kind in sorted(muted - before)]
    MutedMessage.objects.bulk_create(new, ignore_conflicts=True)
    said = ", ".join(sorted(muted))
    journal.record(events.MessagesChosen(account=account, by=account, turned_off=said), now=now)
