"""The mails of regulatory news: one when it is shown, and two reminders of whoever has not confirmed it (S3-03).

The first mail was decided by two people, who have read how many it goes to. The reminders are a job's: too many at once
wait for two people (policy: mass acts).
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.policy import lifecycle
from identity.record import outbox
from identity.record.outbox import AnyMessage
from portals import registry
from portals.inside.domain import handling, news_items
from portals.inside.messages.news import NewsReminderMail, RegulatoryNewsMail
from portals.models import NewsItem, NewsRead
from rbac.models import Membership

CHUNK = 1_000  # mails a transaction
REMINDERS = 2


def tell(*, now: datetime) -> int:
    """Write the mails of each regulatory item that is shown and was not told yet; answers how many. Whoever kills it
    loses nothing: a mail that was written is not written twice."""
    told = 0
    for item in _regulatory(now=now).filter(told_at=None).order_by("since", "pk"):
        told += _write([RegulatoryNewsMail(account_id=one, item=item.pk) for one in _waiting(item, now=now)], now=now)
        NewsItem.objects.filter(pk=item.pk).update(told_at=now)
    return told


def remind(*, now: datetime) -> int:
    """Remind whoever has not confirmed an item after the period, and once more after as long again; answers how many
    mails were written. A round that was missed is not made up for."""
    as_of = mass_acts.admit(
        kind=gettext_noop("remind of regulatory news"),
        due=lambda moment: sum(len(_waiting(item, now=moment)) for item, _round in _late(now=moment)),
        active=_readers,
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_remind(item, number, now=now) for item, number in (_late(now=as_of) if as_of else []))


def _remind(item: NewsItem, number: int, *, now: datetime) -> int:
    moment = int((item.since + number * lifecycle.after("news_reminder")).timestamp())
    waiting = _waiting(item, now=now)
    written = _write([NewsReminderMail(account_id=one, item=item.pk, reminded=moment) for one in waiting], now=now)
    NewsItem.objects.filter(pk=item.pk, reminders__lt=number).update(reminders=number)
    return written


def _regulatory(*, now: datetime) -> QuerySet[NewsItem]:
    keys = [portal.key for portal in handling.portals_with(news_items.PAGE)]
    return NewsItem.objects.shown_at(now).filter(portal_key__in=keys, is_regulatory=True)


def _late(*, now: datetime) -> list[tuple[NewsItem, int]]:
    """The items whose reminder is due, each with the number of the round."""
    length = lifecycle.after("news_reminder")
    rows = _regulatory(now=now).filter(since__lte=now - length, reminders__lt=REMINDERS).order_by("since", "pk")
    rounds = [(item, min((now - item.since) // length, REMINDERS)) for item in rows]
    return [(item, number) for item, number in rounds if item.reminders < number]


def _waiting(item: NewsItem, *, now: datetime) -> list[int]:
    """The accounts whom an item is for and that have not confirmed it."""
    confirmed = NewsRead.objects.filter(item=item, acknowledged_at__isnull=False).values("account")
    rows = news_items.reach(registry.get(item.portal_key), news_items.pairs_of(item), now=now)
    rows = rows.exclude(grant__account__in=confirmed)
    return sorted(set(rows.order_by().values_list("grant__account", flat=True)))


def _readers() -> int:
    """Of how many people the limit is taken."""
    keys = [portal.key for portal in handling.portals_with(news_items.PAGE)]
    rows = Membership.objects.current().filter(grant__portal_key__in=keys, grant__until=None)
    return rows.order_by().values("grant").distinct().count()


def _write(mails: Sequence[AnyMessage], *, now: datetime) -> int:
    for some in batched(mails, CHUNK):
        with transaction.atomic():
            outbox.enqueue_all(some, now=now)
    return len(mails)
