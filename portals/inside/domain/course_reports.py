"""Who of a practice has passed a course, for whoever answers for its people (S3-06)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from portals.inside.domain import answering, audiences, courses
from portals.models import Certificate, CourseVersion
from portals.spec import PortalSpec
from rbac.models import Practice
from rbac.models.memberships import MembershipQuerySet


class Line(NamedTuple):
    """A course, how many people of a practice it is for, and how many of them hold a certificate that counts."""

    version: CourseVersion
    people: int
    valid: int


def of_practice(practice: Practice, *, portal: PortalSpec, now: datetime) -> list[Line]:
    """The published courses that are for anybody of a practice; four queries, however many there are."""
    rows = _reached(portal, (), practice, now=now).order_by()
    works = list(rows.values_list("grant__account", "role", "market"))
    versions = CourseVersion.objects.in_portal(portal.key).published().prefetch_related("audience")
    valid = Certificate.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now))
    held = set(
        valid.filter(attempt__account__in=rows.values("grant__account")).values_list(
            "attempt__version__course", "attempt__account"
        )
    )
    found = []
    for version in versions:
        pairs = {one.pair for one in version.audience.all()}
        accounts = {one for one, role, market in works if audiences.fits(pairs, (role, market))}
        if accounts:
            found.append(Line(version, len(accounts), sum((version.course_id, one) in held for one in accounts)))
    return sorted(found, key=lambda line: line.version.title.casefold())


def people(version: CourseVersion, *, portal: PortalSpec, practice: Practice, now: datetime) -> MembershipQuerySet:
    """Everybody of a practice whom a course is for, by name as the practice knows them; each says `passed_at` and
    `valid_until` of what they earned last."""
    earned = Certificate.objects.filter(
        attempt__account=OuterRef("grant__account"), attempt__version__course=version.course_id
    ).order_by("-passed_at", "-pk")
    rows = _reached(portal, [one.pair for one in version.audience.all()], practice, now=now)
    rows = rows.select_related("grant__account").annotate(
        passed_at=Subquery(earned.values("passed_at")[:1]), valid_until=Subquery(earned.values("valid_until")[:1])
    )
    return answering.by_name(rows)


def _reached(
    portal: PortalSpec, pairs: Iterable[tuple[str, str]], practice: Practice, *, now: datetime
) -> MembershipQuerySet:
    rows = audiences.members(portal, courses.CAPABILITY, list(pairs), now=now)
    return answering.own(rows).of(practice)
