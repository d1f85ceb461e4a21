"""How long an attempt at a course is open, when there may be another one, when a certificate that ends is told of, and
how long both are kept."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "attempt_open": Period(
        "Attempt at the questions of a course",
        timedelta(hours=24),
        "it was begun",
        "closed as not passed, its answers kept",
        "portals.inside.domain.attempts.close_over",
        "S3-06",
    ),
    "attempt_again": Period(
        "Failed attempts of one person at a course",
        timedelta(hours=24),
        "the first of five was sent",
        "another one can be begun",
        "portals.inside.domain.attempts.begin",
        "S3-06",
    ),
    "attempt_kept": Period(
        "Attempt at a course that was not passed",
        timedelta(days=365),
        "it was begun",
        "deleted with its answers",
        "portals.tasks.prune_courses",
        "S3-06",
    ),
    "certificate_kept": Period(
        "Certificate of a course that has ended",
        timedelta(days=6 * 365),
        "its last moment",
        "deleted with its attempt and its PDF, a month at a time",
        "portals.tasks.prune_courses",
        "S3-06",
        years=6,
    ),
    "certificate_notice": Period(
        "Certificate of a course that ends",
        timedelta(days=30),
        "before its last moment",
        "a mail, and it can be renewed",
        "portals.inside.domain.certificate_ends.tell",
        "S3-06",
    ),
    "certificate_window": Period(
        "Numbers of certificates looked up from one network address",
        timedelta(hours=1),
        "the first one",
        "counted anew",
        "identity.codes.attempts.check_can_confirm",
        "S3-06",
    ),
}
