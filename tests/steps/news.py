"""Steps around news: items proposed and published by two, and practices whose people read them."""

from datetime import datetime, timedelta

from django.utils import timezone

from identity.models import Account
from portals import registry
from portals.inside.domain import news_items
from portals.inside.domain.news_items import Draft
from portals.models import NewsItem
from rbac.models import Membership, Practice
from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory

PORTAL = "optum-pro"
PRO = registry.get(PORTAL)
HOME = "/p/optum-pro/news/"


def editors() -> tuple[Account, Account]:
    """Two of the service desk, who answer for Optum Pro."""
    first, second = (make_staff(name, "service desk", (PORTAL,)) for name in ("first.editor", "second.editor"))
    return first, second


def draft(now: datetime, **more) -> Draft:
    told = {
        "title_en": "Rates change",
        "text_en": "The rates **change**.",
        "title_es": "Cambian las tarifas",
        "text_es": "Las tarifas **cambian**.",
        "is_regulatory": False,
        "since": now,
        "until": None,
        "pairs": frozenset(),
    }
    return Draft(**(told | more))


def proposed(by: Account, *, now: datetime | None = None, **more) -> NewsItem:
    now = now or timezone.now()
    return news_items.propose(portal=PRO, draft=draft(now, **more), by=by, now=now)


def published(by: Account, second: Account, *, now: datetime | None = None, **more) -> NewsItem:
    now = now or timezone.now()
    item = proposed(by, now=now, **more)
    return news_items.publish(item=item, by=second, now=now)


def shown(count: int = 1, *, now: datetime | None = None, **more) -> list[NewsItem]:
    """So many items that were published by two, quickly."""
    now, (first, second) = now or timezone.now(), (AccountFactory(), AccountFactory())
    told = {"title_en": "News", "text_en": "Words", "title_es": "Noticia", "text_es": "Palabras"}
    rows = [
        NewsItem(
            portal_key=PORTAL, since=now - timedelta(minutes=count - number), state="published", proposed_by=first,
            proposed_at=now, published_by=second, published_at=now, **(told | more),
        )
        for number in range(count)
    ]  # fmt: skip
    return NewsItem.objects.bulk_create(rows)


def practice(name: str = "Lakeside Clinic") -> Practice:
    """One whose tax ID staff have attested."""
    found = PracticeFactory(name=name)
    TinFactory(practice=found)
    return found


def works(office: Practice, role: str = "front_office", *, market: str = "CO", **facts) -> Membership:
    """Somebody works there, by the practice's attested tax ID."""
    grant = facts.pop("grant", None) or GrantFactory(account=AccountFactory(**facts), portal_key=PORTAL)
    return MembershipFactory(grant=grant, practice=office, role=role, market=market, tins=office.tins.all())


def account_of(membership: Membership) -> Account:
    return membership.grant.account
