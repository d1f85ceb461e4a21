"""How long an attempt at a course is open, and when a certificate that ends is told of."""

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
