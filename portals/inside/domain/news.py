"""News & Alerts as a reader has them: found by today's memberships, seen by opening, confirmed by a press (S3-03)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, FilteredRelation, Q

from identity.models import Account
from identity.record import journal
from portals import events
from portals.inside.domain import audiences
from portals.models import NewsAudience, NewsItem, NewsRead
from portals.models.news import NewsItemQuerySet
from portals.spec import PortalSpec
from rbac.models import Membership


class NotRegulatory(Exception):
    """Only regulatory items are confirmed."""


def shown_to(
    account: Account, *, portal: PortalSpec, memberships: Iterable[Membership], now: datetime
) -> NewsItemQuerySet:
    """What somebody with these memberships, who may open the page, finds now, newest first; each says `seen_at` and
    `acknowledged_at` of the reader."""
    rows = NewsItem.objects.in_portal(portal.key).shown_at(now).filter(audiences.admits(NewsAudience, memberships))
    read = FilteredRelation("reads", condition=Q(reads__account=account))
    rows = rows.annotate(own_read=read, seen_at=F("own_read__seen_at"), acknowledged_at=F("own_read__acknowledged_at"))
    return rows.order_by("-since", "-pk")


def unconfirmed(rows: NewsItemQuerySet) -> NewsItemQuerySet:
    """Of what `shown_to` found, the regulatory items that the reader has not confirmed."""
    return rows.filter(Q(("acknowledged_at", None)), is_regulatory=True)


def unseen(rows: NewsItemQuerySet) -> NewsItemQuerySet:
    """Of what `shown_to` found, what the reader has not opened."""
    return rows.filter(Q(("seen_at", None)))


@transaction.atomic
def see(*, item: NewsItem, by: Account, now: datetime) -> None:
    """Somebody opened an item that they found. The first time counts; opening confirms nothing."""
    NewsRead.objects.bulk_create([NewsRead(item=item, account=by, seen_at=now)], ignore_conflicts=True)


@transaction.atomic
def acknowledge(*, item: NewsItem, by: Account, now: datetime) -> bool:
    """Somebody says that they have read an item that they found (S3-03); False where they said so before.

    Raises NotRegulatory.
    """
    if not item.is_regulatory:
        raise NotRegulatory
    see(item=item, by=by, now=now)
    rows = NewsRead.objects.filter(item=item, account=by, acknowledged_at=None)
    if not rows.update(acknowledged_at=now):
        return False
    told = events.NewsAcknowledged(account=by, by=by, about=item, portal_key=item.portal_key)
    journal.record(told, now=now)
    return True
