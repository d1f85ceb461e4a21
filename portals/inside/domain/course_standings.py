"""Where somebody stands with the courses that are for them: not begun, under way, passed, to be renewed (S3-06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from identity.models import Account
from portals.inside.domain import audiences, courses
from portals.models import Attempt, Certificate, CourseAudience, CourseVersion
from portals.models.courses import CourseVersionQuerySet
from rbac.models import Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One course: the version that is read now (`version`: the one begun, else the published one), whether it is still
    offered, the attempt under way, and what was earned last."""

    version: CourseVersion
    is_offered: bool
    attempt: Attempt | None
    certificate: Certificate | None
    now: datetime

    @property
    def ends_soon(self) -> bool:
        """Whether what was earned has to be renewed, or has ended."""
        return self.certificate is not None and self.certificate.ends_soon(now=self.now)

    @property
    def is_ended(self) -> bool:
        """Whether what was earned does not count any more."""
        return self.certificate is not None and not self.certificate.is_valid(now=self.now)

    @property
    def is_newer(self) -> bool:
        """Whether the version that is offered is another one than the one that was passed."""
        return self.certificate is not None and self.certificate.attempt.version_id != self.version.pk

    @property
    def may_begin(self) -> bool:
        """Whether the questions can be begun, as attempts.begin asks it."""
        is_open = self.certificate is None or self.ends_soon or self.is_newer
        return self.attempt is None and self.is_offered and is_open


def offered(*, portal_key: str, memberships: Iterable[Membership], now: datetime) -> CourseVersionQuerySet:
    """The published versions that are for somebody with these memberships. The grid is asked by one small query."""
    own = audiences.opened(memberships, courses.CAPABILITY, now=now)
    return CourseVersion.objects.in_portal(portal_key).published().filter(audiences.admits(CourseAudience, own))


def standings(
    *, portal_key: str, account: Account, memberships: Iterable[Membership], now: datetime, course: int | None = None
) -> list[Standing]:
    """Of all courses that are for somebody, or that they have begun or passed; what is under way first, then what is
    to be done. Three queries beside that of the grid."""
    wanted = Q() if course is None else Q(course=course)
    versions = {
        one.course_id: one for one in offered(portal_key=portal_key, memberships=memberships, now=now).filter(wanted)
    }
    begun, earned = _begun(portal_key, account, now=now), _earned(portal_key, account)
    known = {*versions, *begun, *earned}
    found = []
    for key in known if course is None else known & {course}:
        attempt, certificate = begun.get(key), earned.get(key)
        read = attempt.version if attempt else versions.get(key)
        found.append(
            Standing(
                version=read or certificate.attempt.version,  # type: ignore[union-attr]  # one of the three is there
                is_offered=key in versions,
                attempt=attempt,
                certificate=certificate,
                now=now,
            )
        )
    return sorted(found, key=_order)


def _begun(portal_key: str, account: Account, *, now: datetime) -> dict[int, Attempt]:
    rows = Attempt.objects.of(account).in_portal(portal_key).open_at(now).select_related("version")
    return {row.version.course_id: row for row in rows.order_by("pk")}


def _earned(portal_key: str, account: Account) -> dict[int, Certificate]:
    """The newest of each course."""
    rows = Certificate.objects.of(account).in_portal(portal_key).select_related("attempt__version")
    return {row.attempt.version.course_id: row for row in rows.order_by("passed_at", "pk")}


def _order(standing: Standing) -> tuple[int, str]:
    to_do = (
        0 if standing.attempt else 1 if standing.ends_soon and standing.is_offered else 2 if standing.may_begin else 3
    )
    return to_do, standing.version.title.casefold()
