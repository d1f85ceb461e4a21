"""Forms that were sent at the wrong moment, kept for the same person only (policy: session; step-up)."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from identity import lifecycle
from identity.models import Account, HeldRequest

MOST = 20  # an account
LONGEST_PATH = 300  # as its column
LONGEST = 200_000  # characters; a form of ours has a few thousand
_NEVER = ("password", "code", "token", "csrf", "credential", "held", "answer_")


def keep(*, account_id: int, path: str, body: QueryDict, now: datetime) -> HeldRequest | None:
    """Keep what was sent, without passwords and codes; one a path, the newest. None when it is too long to keep.

    A form of one button is kept too: pressing it was what the person did.
    """
    kept = body.copy()
    for name in list(kept):
        if any(part in name.lower() for part in _NEVER):
            del kept[name]
    text = kept.urlencode()
    if "\x00" in path or len(text) > LONGEST or len(path) > LONGEST_PATH:
        return None
    HeldRequest.objects.filter(account_id=account_id, path=path).delete()
    older = HeldRequest.objects.filter(account_id=account_id).order_by("-held_at").values("pk")[MOST - 1 :]
    HeldRequest.objects.filter(pk__in=[row["pk"] for row in older]).delete()
    return HeldRequest.objects.create(account_id=account_id, path=path, body=text, held_at=now)


def find(*, account: Account, pk: UUID, now: datetime) -> HeldRequest | None:
    """A kept form of this person."""
    return _living(account, now=now).filter(pk=pk).first()


def take(*, account: Account, pk: UUID, path: str, now: datetime) -> QueryDict | None:
    """The kept form for its own path, once; None for another person's, another path's or an old one."""
    held = _living(account, now=now).filter(pk=pk, path=path).first()
    if held is None or not HeldRequest.objects.filter(pk=held.pk).delete()[0]:
        return None
    return QueryDict(held.body)


def drop(*, account: Account, pk: UUID) -> None:
    """Throw a kept form away."""
    HeldRequest.objects.filter(account=account, pk=pk).delete()


def _living(account: Account, *, now: datetime) -> "QuerySet[HeldRequest]":
    return HeldRequest.objects.filter(account=account, held_at__gt=now - lifecycle.after("held_request"))
