"""What can happen with courses: to a version, to an attempt at it, and what is earned by it (S3-06)."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class CourseEvent(Event, abstract=True):
    """Something about one version of a course."""

    portal_key: str
    course: int
    number: int


class CourseVersionEvent(CourseEvent, abstract=True):
    reason: str = ""


class CourseVersionProposed(CourseVersionEvent, title=_("Version of a course begun")): ...


class CourseVersionChanged(CourseVersionEvent, title=_("Version of a course changed before it was published")): ...


class CourseVersionPublished(CourseVersionEvent, title=_("Version of a course published")): ...


class CourseVersionRetired(CourseVersionEvent, title=_("Version of a course retired")): ...


class CourseVersionDiscarded(CourseVersionEvent, title=_("Version of a course discarded")): ...


class CourseBegun(CourseEvent, title=_("Questions of a course begun")): ...


class CoursePassed(CourseEvent, title=_("Course passed")): ...


class CourseFailed(CourseEvent, title=_("Course not passed")): ...


class CertificateIssued(CourseEvent, title=_("Certificate of a course issued")):
    certificate: str


class CertificatePrintedAgain(CourseEvent, title=_("Printing of a certificate begun again")):
    certificate: str
