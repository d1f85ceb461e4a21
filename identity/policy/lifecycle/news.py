"""How long a regulatory news item waits before somebody is reminded of it."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "news_reminder": Period(
        "Regulatory news that somebody has not confirmed",
        timedelta(days=7),
        "it is shown; once more after as long again",
        "a mail; after that it stands in the report of the practice",
        "portals.inside.domain.news_notices",
        "S3-03",
    ),
    "news_reminded_again": Period(
        "Reminder of a news item by a practice, before the next one",
        timedelta(days=1),
        "somebody who answers for the practice had its people reminded",
        "they can be reminded again",
        "portals.inside.domain.news_reports",
        "S3-03",
    ),
}
