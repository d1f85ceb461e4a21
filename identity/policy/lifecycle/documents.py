"""How long documents stay where nobody wants them any more."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "document_trash": Period(
        "Document in the trash",
        timedelta(days=30),
        "it was deleted",
        "deleted for good, with its files",
        "portals.inside.domain.document_trash.erase",
        "S3-07",
    ),
}
