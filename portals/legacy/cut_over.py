"""How a source's cut-over goes: who has linked an old account, day by day, and who would be stuck were it the day.

Everything is counted by the database: a page costs a few queries, however many accounts there are.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from identity.models import AuthenticatorDevice, PasskeyDevice, PhoneDevice, Ticket
from identity.policy import lifecycle
from identity.policy.realms import realm_profile
from portals import registry
from portals.legacy import phases
from portals.models import LegacyAccount
from portals.spec import Phase, PortalSpec
from rbac.models import AccessGrant

LinkedBy = LegacyAccount.LinkedBy
DAYS = 60
PLOTTED = timedelta(days=DAYS)  # how far back a plot shows

# What becomes of an old account on the day: these go in, at once or after one more step,
READY, ONE_LAST_TIME, BY_MAIL = "ready", "one last time", "by mail"
# and these are stuck.
CONFLICT, NOTHING, SHARED, CLOSED, UNPROVED = "conflict", "nothing", "shared", "closed", "unproved"
NO_ACCESS, RESTS, NOT_ENTITLED = "no access", "rests", "not entitled"
STUCK = (CONFLICT, NOTHING, SHARED, CLOSED, UNPROVED, NO_ACCESS, RESTS, NOT_ENTITLED)
UNLINKED = (ONE_LAST_TIME, BY_MAIL, NOTHING, SHARED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many old accounts of a source there are, and in which ways they were linked."""

    linked: Counter[str]
    missing: int

    @property
    def imported(self) -> int:
        """All of them."""
        return self.missing + self.all_linked

    @property
    def all_linked(self) -> int:
        """Those that were linked, whichever way."""
        return self.linked.total()


def standing(source_key: str) -> Standing:
    """One query, answered from an index."""
    rows = LegacyAccount.objects.of_source(source_key).values_list("linked_by").annotate(Count("pk")).order_by()
    counts = Counter(dict(rows))
    missing = counts.pop("", 0)
    return Standing(counts, missing)


def days(source_key: str, *, now: datetime) -> list[tuple[date, int, int]]:
    """Day, linked by pre-registration, linked in another way: of the last sixty days, oldest first."""
    today = timezone.localdate(now)
    shown = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    groups = (
        LegacyAccount.objects.of_source(source_key)
        .filter(linked_by__in=LinkedBy.values, linked_at__gte=beginning_of(shown[0]))
        .values_list(TruncDate("linked_at"), "linked_by")
        .annotate(Count("pk"))
        .order_by()
    )
    before, after = Counter[date](), Counter[date]()
    for day, linked_by, number in groups:
        (before if linked_by == LinkedBy.PRE_REGISTRATION else after)[day] += number
    return [(day, before[day], after[day]) for day in shown]


def beginning_of(day: date) -> datetime:
    """The first moment of a day, where the portals' people live."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def rehearse(portal: PortalSpec, *, at: datetime) -> QuerySet[Any]:
    """Every old account of the portal, with `stands`: what becomes of it at that moment, in the phase that holds then,
    if nobody does anything before (S0-01, S0-02, S0-09)."""
    assert portal.legacy is not None
    rows = LegacyAccount.objects.of_source(portal.legacy.key).annotate(rights=Cast(F("capabilities"), TextField()))
    disputed = Q(second_claim__status__in=(Ticket.Status.OPEN, Ticket.Status.IN_PROGRESS))
    conditions = [(disputed, CONFLICT), *_unlinked(portal, at=at), *_linked(portal, at=at)]
    cases = [When(condition, then=Value(stands)) for condition, stands in conditions]
    return rows.annotate(stands=Case(*cases, default=Value(READY), output_field=CharField()))


def only(rows: QuerySet[Any], stands: str) -> QuerySet[Any]:
    """Those of a rehearsal who stand there, looked for on the side where they are."""
    where = {"second_claim__isnull": False} if stands == CONFLICT else {"account__isnull": stands in UNLINKED}
    return rows.filter(stands=stands, **where)


def counts_of(rows: QuerySet[Any]) -> dict[str, int]:
    """How many of a rehearsal's accounts stand where."""
    return dict(rows.values_list("stands").annotate(Count("pk")).order_by())


def _unlinked(portal: PortalSpec, *, at: datetime) -> list[tuple[Q, str]]:
    """Who has a password goes in with it one last time; the others by a mail, if it reaches them alone."""
    assert portal.legacy is not None
    no_link = Q(account=None)
    same = LegacyAccount.objects.filter(source=OuterRef("source"), email=OuterRef("email"))
    works = ~Q(scheme="") if portal.legacy.adapter == "imported" else Q()  # else the old system knows the password
    # Once only the ID counts no page asks for the old password any more: a mail is the one way left.
    by_password = [] if phases.for_portal(portal, now=at) == Phase.ID_ONLY else [(no_link & works, ONE_LAST_TIME)]
    return [
        *by_password,
        (no_link & Q(email=""), NOTHING),
        (no_link & Q(Exists(same.exclude(pk=OuterRef("pk")))), SHARED),
        (no_link, BY_MAIL),
    ]


def _linked(portal: PortalSpec, *, at: datetime) -> list[tuple[Q, str]]:
    """Who is linked needs an ID that opens, and access that neither ended nor rests."""
    assert portal.legacy is not None
    proved = Exists(EmailAddress.objects.filter(user=OuterRef("account"), verified=True))
    factors = [
        Exists(model._default_manager.filter(user=OuterRef("account"), confirmed=True))
        for model in (PhoneDevice, AuthenticatorDevice, PasskeyDevice)
    ]
    result = [
        (Q(account__is_active=False), CLOSED),
        (~Q(proved) & ~reduce(or_, map(Q, factors)), UNPROVED),
    ]
    if portal.legacy.realm_account:
        return result  # access comes with the practice, not with the old account
    keys = [one.key for one in registry.entered_from(portal.key)]
    grants = AccessGrant.objects.current().filter(account=OuterRef("account"), portal_key__in=keys)
    awake = Q(Exists(grants.filter(_awake(keys, at=at))))
    return [*result, (~Q(Exists(grants)), NO_ACCESS), (~awake, RESTS), *_entitled(portal, grants)]


def _awake(keys: list[str], *, at: datetime) -> Q:
    """Grants that do not rest, and will not by then if nobody uses them."""
    result = Q()
    for key in keys:
        portal = registry.get(key)
        still = Q(portal_key=key, suspended_at=None)
        if portal.idle_account:
            still &= Q(idle_from__gt=at - lifecycle.after(portal.idle_account, realm_profile(portal.realm)))
        result |= still
    return result


def _entitled(portal: PortalSpec, grants: QuerySet[AccessGrant]) -> list[tuple[Q, str]]:
    """What the list gives somebody, and their access here does not (S0-02): for what the portal's tiles ask for."""
    result = []
    for capability in {tile.capability for tile in portal.tiles if tile.capability}:
        listed = Q(rights__contains=f'"{capability}"')
        given = grants.annotate(rights=Cast(F("capabilities"), TextField())).filter(listed)
        result.append((listed & ~Q(Exists(given)), NOT_ENTITLED))
    return result
