"""How long what concerns a whole practice waits for somebody."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "hand_over_open": Period(
        "Hand-over of a practice that lacks a signature",
        timedelta(days=7),
        "it was asked for",
        "lapsed: whoever ran the practice's users still does",
        "rbac.domain.hand_overs",
        "D-15, D-30",
    ),
    "number_on_file": Period(
        "Phone number of a practice before it is called to prove anything",
        timedelta(days=7),
        "it was written down",
        "staff may call it in the place of a signature",
        "rbac.domain.hand_overs",
        "D-30",
    ),
    "mandate_open": Period(
        "Mandate that a vendor asked for and the practice did not answer",
        timedelta(days=30),
        "it was asked for",
        "lapsed: the vendor's people work for the practice no less and no more than before",
        "rbac.domain.mandates",
        "S3-10",
    ),
    "mandate_inquiry": Period(
        "Tax ID that a vendor asked for a mandate",
        timedelta(days=1),
        "it was asked",
        "deleted; the vendor may ask as many again",
        "rbac.domain.mandate_inquiries",
        "S3-10, S2-16",
    ),
    "grid_notice": Period(
        "Notice before a version of the grid takes something away",
        timedelta(days=7),
        "before the version takes effect",
        "whoever loses something is told what, and on which day",
        "rbac.domain.grid_notices",
        "S2-33",
    ),
    "review_every": Period(
        "Review of who works for a practice",
        timedelta(days=360),
        "the last one was opened; else the practice got its first administrator",
        "its administrators are asked again",
        "rbac.domain.reviews",
        "D-11",
    ),
    "review_unused": Period(
        "Membership without use, before a review asks about it",
        timedelta(days=90),
        "it was last used",
        "an administrator says whether it is still needed",
        "rbac.domain.review_lines",
        "S3-19, D-11",
    ),
    "review_answer": Period(
        "Review of a practice that its administrators do not answer",
        timedelta(days=30),
        "it was opened",
        "whoever is still unused or unknown is deactivated, and can be reactivated",
        "rbac.domain.reviews",
        "D-11",
    ),
    "review_reminder": Period(
        "Reminder of a review that waits for an answer",
        timedelta(days=7),
        "counted back from its end",
        "a mail to the administrators",
        "rbac.domain.reviews",
        "D-11",
    ),
    "last_day_notice": Period(
        "Last day of somebody's work for a practice, before it comes",
        timedelta(days=14),
        "counted back from that day",
        "it stands first on the portal's home, until it has passed",
        "portals.inside.domain.due_access",
        "S3-05",
    ),
    "practice_told_again": Period(
        "Ticket about a practice that nobody runs, or soon nobody, answered without mending it",
        timedelta(days=7),
        "it was answered",
        "the desk is told again, by a ticket that names the old one",
        "rbac.domain.practice_health",
        "D-11, D-15",
    ),
}
