"""The life of a news item: proposed by one member of staff, published by another, withdrawn (S2-27, S3-03).

What was published never changes: it is withdrawn, and published anew. That it is over says its last day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from identity.models import Account
from identity.record.machine import Machine
from portals import events, registry
from portals.inside.domain import audiences, handling
from portals.models import NewsAudience, NewsItem
from portals.spec import PortalSpec
from rbac.capabilities import Capability
from rbac.domain.grid import Pair
from rbac.models.memberships import MembershipQuerySet

State = NewsItem.State
RIGHT = "portals.handle_news"
PAGE = "portal_news"  # the tile that switches it on
CAPABILITY = Capability.NEWS
MAX_LENGTH = 400  # characters of a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody proposes. The texts are Markdown; without pairs of role and market it is for everybody."""

    title_en: str
    text_en: str
    title_es: str
    text_es: str
    is_regulatory: bool
    since: datetime
    until: datetime | None
    pairs: frozenset[Pair]


class NewsMachine(Machine[NewsItem]):
    """The life of an item."""

    model = NewsItem
    begins = frozenset({State.PROPOSED})
    transitions = {
        State.PROPOSED: frozenset({State.PUBLISHED, State.WITHDRAWN}),
        State.PUBLISHED: frozenset({State.WITHDRAWN}),
        State.WITHDRAWN: frozenset(),
    }
    events = {
        State.PROPOSED: events.NewsProposed,
        State.PUBLISHED: events.NewsPublished,
        State.WITHDRAWN: events.NewsWithdrawn,
    }
    messages = {
        State.PROPOSED: None,  # it stands on the first page of the desk
        State.PUBLISHED: None,  # whom a regulatory one is for is told by a job (portals.inside.domain.news_notices)
        State.WITHDRAWN: None,
    }
    needs_reason = frozenset({State.WITHDRAWN})
    by_two = {State.PUBLISHED: "proposed_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        steps: dict[str, dict[str, Any]] = {
            State.PUBLISHED: {"published_by": by, "published_at": now},
            State.WITHDRAWN: {"withdrawn_by": by, "withdrawn_at": now, "reason": reason},
        }
        return steps.get(to, {})

    def facts(self, row: NewsItem, *, reason: str) -> dict[str, Any]:
        return {"account": None, "portal_key": row.portal_key, "reason": reason}


MACHINE = NewsMachine()


class FitsNobody(Exception):
    """Nobody who may open the news of the portal has such a role in such a market."""


class EndsTooSoon(Exception):
    """The last day is before the first, or has passed."""


def reach(portal: PortalSpec, pairs: Collection[Pair], *, now: datetime) -> MembershipQuerySet:
    """The memberships by which people are reached."""
    return audiences.members(portal, CAPABILITY, pairs, now=now)


def pairs_of(item: NewsItem) -> list[Pair]:
    """The audience of an item."""
    return [row.pair for row in item.audience.all()]


@transaction.atomic
def propose(*, portal: PortalSpec, draft: Draft, by: Account, now: datetime) -> NewsItem:
    """The first of two. Raises staff_rights.MayNotHandle, EndsTooSoon, or FitsNobody (S3-04)."""
    handling.check_can_handle(by, RIGHT, portal_key=portal.key)
    _check_days(draft.since, draft.until, now=now)
    _check_fits(portal, draft.pairs, now=now)
    item = NewsItem.objects.create(
        portal_key=portal.key,
        title_en=draft.title_en,
        text_en=draft.text_en,
        title_es=draft.title_es,
        text_es=draft.text_es,
        is_regulatory=draft.is_regulatory,
        since=draft.since,
        until=draft.until,
        proposed_by=by,
        proposed_at=now,
    )
    rows = [NewsAudience(item=item, role=role, market=market) for role, market in sorted(draft.pairs)]
    NewsAudience.objects.bulk_create(rows)
    MACHINE.tell(item, by=by, now=now)
    return item


@transaction.atomic
def publish(*, item: NewsItem, by: Account, now: datetime) -> NewsItem:
    """The second of two. It is shown from its day, or from now where that has passed.

    Raises staff_rights.MayNotHandle, SamePerson, EndsTooSoon, FitsNobody or NotPossible.
    """
    handling.check_can_handle(by, RIGHT, portal_key=item.portal_key)
    MACHINE.check_second(item, to=State.PUBLISHED, by=by)
    MACHINE.check_can_move(item, to=State.PUBLISHED)
    _check_days(item.since, item.until, now=now)
    _check_fits(registry.get(item.portal_key), pairs_of(item), now=now)
    return MACHINE.move(item, to=State.PUBLISHED, by=by, now=now, since=max(item.since, now))


@transaction.atomic
def withdraw(*, item: NewsItem, reason: str, by: Account, now: datetime) -> NewsItem:
    """Nobody finds it any more; a proposal is given up. Raises staff_rights.MayNotHandle, ReasonMissing or
    NotPossible."""
    handling.check_can_handle(by, RIGHT, portal_key=item.portal_key)
    return MACHINE.move(item, to=State.WITHDRAWN, by=by, now=now, reason=reason.strip()[:MAX_LENGTH])


def _check_days(since: datetime, until: datetime | None, *, now: datetime) -> None:
    if until is not None and until <= max(since, now):
        raise EndsTooSoon


def _check_fits(portal: PortalSpec, pairs: Collection[Pair], *, now: datetime) -> None:
    if not reach(portal, pairs, now=now).exists():
        raise FitsNobody
