"""Whether a practice has read a news item: how many of its people, who has not, and their reminder (S3-03)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from identity.keys import limits
from identity.keys.fields import keyed_hash
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal, outbox
from portals import events
from portals.inside.domain import answering, audiences, news_items
from portals.inside.messages.news import NewsReminderMail
from portals.models import NewsItem, NewsRead
from portals.spec import PortalSpec
from rbac.models import Membership, Practice
from rbac.models.memberships import MembershipQuerySet


class Standing(NamedTuple):
    """How many people of a practice an item is for, and how many of them have opened and confirmed it."""

    practice_id: int
    practice: str
    people: int
    seen: int
    confirmed: int


class RemindedAlready(Exception):
    """The people of this practice were reminded of this item within the period."""


def standings(
    item: NewsItem, *, portal: PortalSpec, memberships: Iterable[Membership], now: datetime
) -> list[Standing]:
    """How each practice of the reader stands with an item, in one query beside that of the grid."""
    own = answering.attested(memberships).values("practice")
    rows = _for(item, portal, now=now).filter(practice__in=own).order_by("practice__name", "practice")
    counted = rows.values_list("practice", "practice__name").annotate(
        people=Count("grant", distinct=True),
        seen=Count("grant", distinct=True, filter=Exists(_reads(item))),
        confirmed=Count("grant", distinct=True, filter=Exists(_reads(item).filter(acknowledged_at__isnull=False))),
    )
    return [Standing(*row) for row in counted]


def seen_by_colleagues(
    items: Iterable[NewsItem], account: Account, *, memberships: Iterable[Membership], now: datetime
) -> dict[int, int]:
    """How many others of the reader's practices have opened each item, in one query; nothing of an item that nobody
    has."""
    own = answering.attested(memberships).values("practice")
    others = answering.own(Membership.objects.open_at(now)).filter(practice__in=own)
    rows = NewsRead.objects.filter(item__in=[one.pk for one in items], account__in=others.values("grant__account"))
    rows = rows.exclude(account=account).order_by()
    return dict(rows.values_list("item").annotate(people=Count("account")))


def regulatory_of(
    practice: Practice, *, portal: PortalSpec, now: datetime, most: int
) -> list[tuple[NewsItem, int, int]]:
    """The newest regulatory items that are for anybody of a practice, each with how many people it is for and how many
    of them have confirmed it: four queries, however many there are."""
    rows = answering.own(news_items.reach(portal, (), now=now)).of(practice).order_by()
    works = list(rows.values_list("grant__account", "role", "market"))
    shown = NewsItem.objects.in_portal(portal.key).shown_at(now).filter(is_regulatory=True)
    items = shown.prefetch_related("audience").order_by("-since", "-pk")[:most]
    read = NewsRead.objects.filter(acknowledged_at__isnull=False, account__in=rows.values("grant__account"))
    confirmed = set(read.filter(item__in=[item.pk for item in items]).values_list("item", "account"))
    found = []
    for item in items:
        pairs = set(news_items.pairs_of(item))
        accounts = {one for one, role, market in works if audiences.fits(pairs, (role, market))}
        if accounts:
            found.append((item, len(accounts), sum((item.pk, one) in confirmed for one in accounts)))
    return found


def people(item: NewsItem, *, portal: PortalSpec, practice: Practice, now: datetime) -> MembershipQuerySet:
    """Everybody of a practice whom an item is for, by name as the practice knows them; each says `seen_at` and
    `acknowledged_at`."""
    reads = _reads(item)
    rows = _for(item, portal, now=now).of(practice).select_related("grant__account")
    rows = rows.annotate(
        seen_at=Subquery(reads.values("seen_at")), acknowledged_at=Subquery(reads.values("acknowledged_at"))
    )
    return answering.by_name(rows)


def missing(rows: MembershipQuerySet) -> MembershipQuerySet:
    """Of `people`, those who have not confirmed it."""
    return rows.filter(Q(("acknowledged_at", None)))


@transaction.atomic
def remind(*, item: NewsItem, portal: PortalSpec, practice: Practice, by: Account, now: datetime) -> int:
    """Mail everybody of a practice who has not confirmed a regulatory item; answers how many people. Whoever calls has
    made sure that `by` answers for the practice. Raises RemindedAlready, where nobody is written to."""
    rows = missing(people(item, portal=portal, practice=practice, now=now)).exclude(grant__account=by)
    accounts = sorted(set(rows.order_by().values_list("grant__account", flat=True)))
    if not accounts:
        return 0
    _check_limit(item, practice, now=now)
    moment = int(now.timestamp())
    mails = [NewsReminderMail(account_id=one, item=item.pk, reminded=moment) for one in accounts]
    outbox.enqueue_all(mails, now=now)
    told = events.NewsReminded(
        account=None, by=by, about=item, portal_key=portal.key, practice=practice.pk, people=len(accounts)
    )
    journal.record(told, now=now)
    return len(accounts)


def _check_limit(item: NewsItem, practice: Practice, *, now: datetime) -> None:
    length = lifecycle.after("news_reminded_again").total_seconds()
    key = f"news:{keyed_hash('news reminder', f'{item.pk} {practice.pk}')}"
    if limits.window(key, now=now.timestamp(), most=1, length=length, count=True):
        raise RemindedAlready


def _for(item: NewsItem, portal: PortalSpec, *, now: datetime) -> MembershipQuerySet:
    return answering.own(news_items.reach(portal, news_items.pairs_of(item), now=now))


def _reads(item: NewsItem) -> QuerySet[NewsRead]:
    return NewsRead.objects.filter(item=item, account=OuterRef("grant__account"))
