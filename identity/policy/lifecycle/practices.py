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
    "grid_notice": Period(
        "Notice before a version of the grid takes something away",
        timedelta(days=7),
        "before the version takes effect",
        "whoever loses something is told what, and on which day",
        "rbac.domain.grid_notices",
        "S2-33",
    ),
}
