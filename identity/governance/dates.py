""" "Your dates": what of an account ends when, and what its owner can do before, as a page and an iCalendar file."""

from datetime import datetime

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from identity.models import Account
from identity.policy import lifecycle
from identity.tenancy import Deadline, tenancy


def for_account(account: Account, *, now: datetime) -> list[Deadline]:
    """What comes next, first: the password's end (S3-18), and the end of idle access to each portal (S3-19)."""
    found = [one for one in tenancy().deadlines(account) if one.at > now]
    end = account.password_ends_at
    if end is not None:
        what, how = _("Your password ends"), _("Change it under My Profile before.")
        found.append(Deadline(key="password", at=max(end, now), what=what, how=how))
    return sorted(found, key=lambda one: one.at)


def icalendar(deadlines: list[Deadline], *, account: Account, host: str, now: datetime) -> bytes:
    """The deadlines as a calendar file (RFC 5545), each with an alarm a week before; no name and no ID stands in it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Healthcare ID//dates//")
    calendar.add("version", "2.0")
    for deadline in deadlines:
        event = Event()
        event.add("uid", f"{deadline.key}-{account.public_id.hex[:12]}@{host}")  # colleagues share calendars
        event.add("dtstamp", now)
        event.add("dtstart", deadline.at.date())
        event.add("summary", str(deadline.what))
        event.add("description", str(deadline.how))
        before = lifecycle.after("password_reminder_second")
        if deadline.at - before > now:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("trigger", -before)
            alarm.add("description", str(deadline.what))
            event.add_component(alarm)
        calendar.add_component(event)
    return calendar.to_ical()
