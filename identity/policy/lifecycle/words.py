"""A length of time in words, for pages and messages: no text has a duration typed into it."""

from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SECONDS_PER_DAY = 86_400
_IN_HOURS = timedelta(hours=72)  # up to here people count hours, as the documents do


def humanize_duration(length: timedelta) -> str:
    """A length for people: "90 days", "72 hours"; nothing at all is "none"."""
    seconds = int(length.total_seconds())
    if not seconds:
        return _("none")
    if seconds % 86400 == 0 and length > _IN_HOURS:
        return ngettext("%(count)s day", "%(count)s days", seconds // 86400) % {"count": seconds // 86400}
    if seconds % 3600 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", seconds // 3600) % {"count": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("%(count)s minute", "%(count)s minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}


def days_until(end: datetime, *, now: datetime) -> int:
    """Days until a moment, a begun one counted: pages and mails say the same."""
    return max(0, ceil((end - now).total_seconds() / SECONDS_PER_DAY))
