"""What courses ask of somebody: answers that are under way, certificates that end soon and can be renewed (S3-06)."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.policy import lifecycle
from portals.inside.domain import audiences, certificate_ends, courses, due
from portals.inside.domain.due import Due, Row, Rows, Visit
from portals.models import Attempt, CourseAudience, CourseVersion
from portals.models.courses import SPANISH


def under_way(visit: Visit) -> Rows | None:
    """Attempts that can still be sent."""
    if not _is_open(visit):
        return None
    own = Attempt.objects.of(visit.account).in_portal(visit.portal.key).open_at(visit.now)
    return Rows(found=own, key="id", name=_title("version"), at="created_at")


def send_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item an attempt."""
    for row in rows:
        yield Due(
            text=_("You have begun the questions of “%(course)s”.") % {"course": row.name},
            day=visit.day_of(row.at + lifecycle.after("attempt_open")),
            address=reverse("portal_attempt", args=[visit.portal.key, row.key]),
            button=_("Go on with the questions"),
        )


def ending(visit: Visit) -> Rows | None:
    """Certificates that end within the notice, of courses whose audience the reader is still. By which of their roles
    the grid opens the courses would be a question of its own: that it does by one of them is known."""
    if not _is_open(visit):
        return None
    own = certificate_ends.ending(visit.now).filter(attempt__account=visit.account)
    offered = CourseVersion.objects.published().filter(course=OuterRef("attempt__version__course"))
    offered = offered.filter(audiences.admits(CourseAudience, visit.memberships))
    found = own.filter(Exists(offered), attempt__version__course__portal_key=visit.portal.key)
    return Rows(found=found, key="attempt__version__course", name=_title("attempt__version"), at="valid_until")


def renew(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item a certificate."""
    for row in rows:
        yield Due(
            text=_("Your certificate for “%(course)s” ends.") % {"course": row.name},
            day=visit.day_of(row.at),
            address=reverse("portal_course", args=[visit.portal.key, row.key]),
            button=_("Renew it"),
        )


def _is_open(visit: Visit) -> bool:
    """Whether there are courses, and they are open to the reader."""
    return visit.opens(courses.PAGE)


def _title(version: str) -> str:
    language = SPANISH if (get_language() or "").startswith(SPANISH) else "en"
    return f"{version}__title_{language}"


due.register(send_them, asks=under_way)
due.register(renew, asks=ending)
