"""The names of practices that came with a form that asks for none: staff give them, and nobody else (S2-16)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from identity.models import Account
from identity.policy import text
from identity.record import journal
from identity.record.machine import ReasonMissing
from rbac import events
from rbac.domain import approvals, practices
from rbac.models import Membership, Practice

MAX_LENGTH = 200  # characters of a name


class NameMissing(Exception):
    """Nothing was typed."""


class OthersAnswer(Exception):
    """People work for the practice behind a door that somebody else answers for: its name is not theirs to change."""


@transaction.atomic
def name(*, practice: Practice, name: str, reason: str, by: Account, now: datetime) -> Practice:
    """Staff name a practice, after they have looked who it is. Raises NameMissing, ReasonMissing, or OthersAnswer where
    somebody works for it in a portal that they do not answer for (D-28)."""
    wanted, said = text.line(name)[:MAX_LENGTH], text.line(reason)
    if not wanted:
        raise NameMissing
    if not said:
        raise ReasonMissing
    practices.lock(practice)
    _check_is_theirs(practice, by=by)
    return _write(practice, wanted, reason=said, by=by, now=now)


@transaction.atomic
def name_new(*, names: Mapping[tuple[str, str], str], reference: str, by: Account, now: datetime) -> None:
    """The same at the approval of a form, by tax IDs given as (nine digits, kind), of those that came with this form
    and have its number for a name: what a practice is called already stays."""
    for tin in practices.known_among(list(names)).values():
        wanted = text.line(names[(tin.digits, tin.kind)])[:MAX_LENGTH]
        if wanted and tin.practice.name == reference:
            _write(tin.practice, wanted, reason=reference, by=by, now=now)


def _check_is_theirs(practice: Practice, *, by: Account) -> None:
    doors = Membership.objects.current().of(practice).values_list("grant__portal_key", flat=True)
    for portal_key in doors.distinct().order_by():
        try:
            approvals.check_answers_for(account=by, portal_key=portal_key)
        except approvals.MayNotDecide as error:
            raise OthersAnswer from error


def _write(practice: Practice, name: str, *, reason: str, by: Account, now: datetime) -> Practice:
    practice.name = name
    practice.save(update_fields=["name"])
    event = events.PracticeNamed(account=None, by=by, about=practice, practice=practice.pk, reason=reason)
    journal.record(event, now=now)
    return practice
