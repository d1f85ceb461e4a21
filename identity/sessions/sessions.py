"""The sessions of an account that are open now: listed, ended one by one or all (policy: session)."""

from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Subquery

from identity.models import Account, OpenSession, RememberedDevice
from identity.policy import lifecycle
from identity.record import events, journal
from identity.sessions import idle


def begin(*, account: Account, session_key: str, device: RememberedDevice, now: datetime) -> None:
    """List a session that was just opened."""
    OpenSession.objects.create(
        account=account,
        session_key=session_key,
        device=device,
        browser=device.browser,
        place=device.place,
        signed_in_at=now,
        last_seen_at=now,
        expires_at=now + lifecycle.after("session"),
    )


def for_account(account: Account, *, now: datetime) -> "QuerySet[OpenSession]":
    """Sessions that could still be used, last used first."""
    return OpenSession.objects.filter(account=account, expires_at__gt=now).order_by("-last_seen_at")


def signed_in_before(account: Account, *, session_key: str) -> datetime | None:
    """When the account signed in last before this session began; None for the first time (S4-16)."""
    began = OpenSession.objects.filter(session_key=session_key).values("signed_in_at")
    earlier = journal.history(of=account).filter(kind=events.SignedIn.stored_as, at__lt=Subquery(began))
    return earlier.values_list("at", flat=True).first()


def note_use(*, session_key: str, now: datetime) -> None:
    """Keep the time of use, at most once an hour: a narrow row, not the account's."""
    stale = now - lifecycle.after("last_seen_step")
    OpenSession.objects.filter(session_key=session_key, last_seen_at__lte=stale).update(last_seen_at=now)


def move(*, old_key: str, new_key: str) -> None:
    """The session got a new id: its rights have risen."""
    OpenSession.objects.filter(session_key=old_key).update(session_key=new_key)


def end(*, account: Account, session: UUID, now: datetime) -> bool:
    """End one session of the account; its next request finds nobody signed in. False for somebody else's.

    The clock is stopped last: whatever another request has put back into the cache meanwhile is idle.
    """
    with transaction.atomic():
        row = OpenSession.objects.filter(account=account, pk=session).first()
        if row is None:
            return False
        row.delete()
        journal.record(events.SessionsEnded(account=account, by=account, count=1), now=now)
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    store(row.session_key).delete()
    idle.stop(row.session_key)
    return True


@transaction.atomic
def end_all(*, account: Account, by: Account | None, now: datetime, reason: str = "") -> None:
    """End every session of the account at its next request, listed or not: the epoch rises. An operator gives a
    `reason` for the journal."""
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)
    account.refresh_from_db(fields=["session_epoch"])
    rows = OpenSession.objects.filter(account=account)
    count = rows.count()
    rows.delete()
    journal.record(events.SessionsEnded(account=account, by=by, count=count, reason=reason), now=now)


def close(session_key: str | None) -> None:
    """Take a session that is over from the list."""
    OpenSession.objects.filter(session_key=session_key).delete()
