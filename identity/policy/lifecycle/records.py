"""How long records are kept."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "journal": Period(
        "Journal entry",
        timedelta(days=6 * 365),
        "the event",
        "deleted, a month at a time",
        "identity.tasks.prune",
        "policy",
        years=6,
    ),
    "outbox": Period("Delivered message", timedelta(days=30), "delivery", "deleted", "identity.tasks.prune", "policy"),
    "bounce_lift": Period(
        "A bounce that somebody's press lifted",
        timedelta(hours=1),
        "the press",
        "a further press lifts the next bounce",
        "identity.record.delivery.lift",
        "policy",
    ),
    "code_record": Period(
        "Record of a code or link that ended",
        timedelta(days=30),
        "the code was asked for",
        "deleted",
        "identity.tasks.prune",
        "policy",
    ),
}
