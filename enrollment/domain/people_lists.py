"""A list of people who are to be invited together: read line by line, looked at without writing, sent by one press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from types import MappingProxyType

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q

from enrollment.domain import invitation_limits, people
from enrollment.domain.invitations import Invitee
from enrollment.domain.people import Office
from identity.models import Account
from identity.policy.realms import email_key
from portals.legacy import lines
from portals.legacy.lines import Columns
from portals.legacy.rows import Refused, cells_of

MAX_ROWS = 500
MAX_BYTES = 200_000
OFFICE = ("address_1", "address_2", "city", "state", "zip", "work_phone")
# A heading may be the label of the form (S4-17).
COLUMNS = Columns(
    required=("first_name", "last_name", "email"),
    optional=(*OFFICE, "ends_on"),
    other_names=MappingProxyType(
        {
            "first name": "first_name",
            "last name": "last_name",
            "e-mail": "email",
            "office address 1": "address_1",
            "office address 2": "address_2",
            "work phone": "work_phone",
            "end date": "ends_on",
        }
    ),
)


class TooManyRows(Exception):
    """More than MAX_ROWS people in one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: its cells by column, or why it cannot be read (a key of portals.legacy.rows.REASONS)."""

    line: int
    cells: dict[str, str]
    reason: str = ""
    detail: str = ""


def parse(content: bytes, *, columns: Columns = COLUMNS) -> list[Row]:
    """Every line that holds something, in order. Raises lines.FileRefused, or TooManyRows."""
    source = lines.split([content])
    header = lines.header(source, columns)
    found: list[Row] = []
    for number, _end, line in source:
        row = _row(line, number, header)
        if row is not None:
            found.append(row)
        if len(found) > MAX_ROWS:
            raise TooManyRows
    return found


def _row(line: bytes | None, number: int, header: lines.Header) -> Row | None:
    try:
        cells = cells_of(line, number, header)
        if not any(cells):
            return None
        if len(cells) > header.width:
            raise Refused("cells", f"{len(cells)} ≠ {header.width}")
    except Refused as refused:
        return Row(line=number, cells={}, reason=refused.reason, detail=refused.detail)
    cells += [""] * (header.width - len(cells))
    return Row(line=number, cells={name: cells[place] for name, place in header.places.items()})


class Outcome(StrEnum):
    """What becomes of somebody on the list."""

    READY = auto()
    SENT = auto()
    TWICE = auto()  # the list names the address before
    OWN = auto()
    MEMBER = auto()  # the practice knows somebody by this address
    INVITED = auto()
    TOO_MANY_OPEN = auto()  # policy: invitation
    TOO_MANY_TODAY = auto()  # policy: invitation


def preview(*, office: Office, invitees: Sequence[Invitee], by: Account, now: datetime) -> list[Outcome]:
    """What would become of each if the list were sent now. Writes nothing; asks as much for 500 people as for one, and
    nothing beyond the practice (D-26)."""
    keys = [email_key(one.email) for one in invitees]
    own = set(EmailAddress.objects.filter(user=by, email__in=keys).values_list("email", flat=True))
    against = (
        (own, Outcome.OWN),
        (_known(office, keys), Outcome.MEMBER),
        (_invited(office, keys, now=now), Outcome.INVITED),
    )
    of_owner, today = invitation_limits.room(practice=office.practice, owner=by, now=now)
    found: list[Outcome] = []
    seen: set[str] = set()
    for key in keys:
        outcome = Outcome.TWICE if key in seen else next((why for known, why in against if key in known), Outcome.READY)
        ready = found.count(Outcome.READY)
        if outcome == Outcome.READY and ready >= min(of_owner, today):
            outcome = Outcome.TOO_MANY_OPEN if ready >= of_owner else Outcome.TOO_MANY_TODAY
        seen.add(key)
        found.append(outcome)
    return found


def _known(office: Office, keys: Sequence[str]) -> set[str]:
    """The addresses among these by which the practice knows somebody."""
    by_account = Q(email="", grant__account__email__in=keys)
    rows = office.current().filter(Q(email__in=keys) | by_account).values_list("email", "grant__account__email")
    return {own or of_account for own, of_account in rows}


def _invited(office: Office, keys: Sequence[str], *, now: datetime) -> set[str]:
    pending = invitation_limits.pending(now=now).filter(practice=office.practice, email__in=keys)
    return set(pending.values_list("email", flat=True))


@transaction.atomic
def invite_all(*, office: Office, invitees: Sequence[Invitee], by: Account, now: datetime) -> list[Outcome]:
    """Invite all whom nothing speaks against, and say of everybody what became of them: the rest of the list does not
    wait for one wrong row. Raises people.NotAdministrator."""
    people.check_runs(office, by=by, now=now)
    invitation_limits.hold(practice=office.practice, portal_key=office.portal_key)  # nobody is quicker from here on
    outcomes = preview(office=office, invitees=invitees, by=by, now=now)
    ready = [one for one, outcome in zip(invitees, outcomes, strict=True) if outcome == Outcome.READY]
    if ready:
        people.invite_all(office=office, invitees=ready, by=by, now=now)
    return [Outcome.SENT if outcome == Outcome.READY else outcome for outcome in outcomes]
