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
    "practice_told_again": Period(
        "Ticket about a practice that nobody runs, or soon nobody, answered without mending it",
        timedelta(days=7),
        "it was answered",
        "the desk is told again, by a ticket that names the old one",
        "rbac.domain.practice_health",
        "D-11, D-15",
    ),
}
