"""Forms that were sent at the wrong moment, kept for the same person only (policy: session; step-up)."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from identity.models import Account, SavedPost
from identity.policy import lifecycle

MAX_PER_ACCOUNT = 20  # an account
MAX_LENGTH_OF_PATH = 300  # as its column
MAX_LENGTH = 200_000  # characters; a form of ours has a few thousand
_NEVER = ("password", "code", "token", "csrf", "credential", "held", "answer_")


def keep(*, account_id: int, path: str, body: QueryDict, now: datetime) -> SavedPost | None:
    """Keep what was sent, without passwords and codes; one a path, the newest. None when it is too long to keep.

    A form of one button is kept too: pressing it was what the person did.
    """
    kept = body.copy()
    for name in list(kept):
        if any(part in name.lower() for part in _NEVER):
            del kept[name]
    text = kept.urlencode()
    if "\x00" in path or len(text) > MAX_LENGTH or len(path) > MAX_LENGTH_OF_PATH:
        return None
    SavedPost.objects.filter(account_id=account_id, path=path).delete()
    older = SavedPost.objects.filter(account_id=account_id).order_by("-saved_at").values("pk")[MAX_PER_ACCOUNT - 1 :]
    SavedPost.objects.filter(pk__in=[row["pk"] for row in older]).delete()
    return SavedPost.objects.create(account_id=account_id, path=path, body=text, saved_at=now)


def find(*, account: Account, pk: UUID, now: datetime) -> SavedPost | None:
    """A kept form of this person."""
    return _living(account, now=now).filter(pk=pk).first()


def take(*, account: Account, pk: UUID, path: str, now: datetime) -> QueryDict | None:
    """The kept form for its own path, once; None for another person's, another path's or an old one."""
    held = _living(account, now=now).filter(pk=pk, path=path).first()
    if held is None or not SavedPost.objects.filter(pk=held.pk).delete()[0]:
        return None
    return QueryDict(held.body)


def drop(*, account: Account, pk: UUID) -> None:
    """Throw a kept form away."""
    SavedPost.objects.filter(account=account, pk=pk).delete()


def _living(account: Account, *, now: datetime) -> "QuerySet[SavedPost]":
    return SavedPost.objects.filter(account=account, saved_at__gt=now - lifecycle.after("saved_post"))
