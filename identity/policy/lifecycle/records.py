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
    "file_waiting": Period(
        "File that waits to be checked",
        timedelta(hours=24),
        "the file was received",
        "still not served; the desk is told by a ticket",
        "identity.governance.waiting_files",
        "policy",
    ),
    "file_unsent": Period(
        "File that stands in no message",
        timedelta(days=7),
        "the file was received",
        "deleted",
        "identity.tasks.prune",
        "policy",
    ),
    "feedback": Period(
        "Feedback on a page of a portal",
        timedelta(days=365),
        "it was given",
        "deleted",
        "portals.tasks.prune_feedback",
        "S3-09",
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
