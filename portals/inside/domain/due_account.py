"""What an account itself asks of its owner: a password that ends, an address that takes no mail, answers unread."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import SuppressedAddress, Ticket
from identity.record import delivery
from portals.inside.domain import conversations, due
from portals.inside.domain.due import Due, Row, Rows, Visit


def password(visit: Visit, _rows: list[Row]) -> Iterable[Due]:
    """From the first reminder on, as the policy of its realm says (S3-18)."""
    end = visit.account.password_ends_at
    if end is not None and visit.account.password_days_left(now=visit.now) is not None:
        yield Due(
            text=_("Your password ends."),
            day=visit.day_of(end),
            address=reverse("change_password"),
            button=_("Change the password"),
        )


def stopped_address(visit: Visit) -> Rows:
    """Whether mail to the address that we write to is stopped."""
    return Rows(found=delivery.stops(visit.account.email), key="cause", at="since")


def write_to_another_address(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """What stops it, since when, and where to mend it."""
    for row in rows:
        came_back = row.key == SuppressedAddress.Cause.BOUNCED
        text = _("Our mail to %(email)s comes back.") if came_back else _("Our mail to %(email)s was marked as spam.")
        yield Due(
            text=text % {"email": visit.account.email},
            day=visit.day_of(row.at),
            waits=True,
            address=reverse("addresses"),
            button=_("Look after your email addresses"),
        )


def unread_answers(visit: Visit) -> Rows:
    """Answers that the person has not seen: in the conversations that this portal shows them, and to what they wrote
    elsewhere (S4-16)."""
    elsewhere = Ticket.objects.of(visit.account).exclude(portal_key=visit.portal.key)
    here = conversations.seen_by(visit.account, portal_key=visit.portal.key, memberships=visit.memberships)
    return Rows(found=(elsewhere | here).new_to(visit.account), key="number", name="portal_key", at="status_since")


def read_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item, since the oldest: it leads to the conversation, or where there are several to their list."""
    if not rows:
        return
    first = min(rows, key=lambda row: row.at)
    told = {"number": first.key, "count": len(rows)}
    yield Due(
        text=ngettext("We answered message %(number)s.", "We answered %(count)s messages.", len(rows)) % told,
        day=visit.day_of(first.at),
        waits=True,
        address=_one(visit, first) if len(rows) == 1 else _list(visit, rows),
        button=ngettext("Read our answer", "Read our answers", len(rows)),
    )


def _one(visit: Visit, row: Row) -> str:
    """In the portal, where it was written there."""
    if row.name == visit.portal.key:
        return reverse("portal_message", args=[row.name, row.key])
    return reverse("ticket", args=[row.key])


def _list(visit: Visit, rows: list[Row]) -> str:
    if all(row.name == visit.portal.key for row in rows):
        return reverse("portal_messages", args=[visit.portal.key])
    return reverse("tickets")


due.register(password)
due.register(write_to_another_address, asks=stopped_address)
due.register(read_them, asks=unread_answers)
