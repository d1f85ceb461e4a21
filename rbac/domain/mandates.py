"""Mandates: a vendor asks to work for a practice, the practice agrees and ends it (S3-10).

Nobody who asks learns whether a tax ID is known here: what was asked shows itself to the practice only.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle, text, zones
from identity.record.machine import NotPossible, ReasonMissing
from identity.tenancy import tenancy
from rbac.domain import approvals, grid, mandate_people
from rbac.domain.mandate_machine import MACHINE
from rbac.models import Mandate, Membership, Practice, PracticeTin
from rbac.models.memberships import MembershipQuerySet

State = Mandate.State
MAX_LENGTH = 400  # characters of a reason


class NotOfTheVendor(Exception):
    """Whoever asks does not work for the vendor, or no tax ID of it was attested."""


class NotAskable(Exception):
    """To oneself, without a role, in a role that the grid does not know, or until a day that has passed."""


class AskedAlready(Exception):
    """A mandate between the two waits, is agreed, or was declined a short while ago."""


class NotYours(Exception):
    """Somebody else answers for the practice."""


class SomebodyThere(Exception):
    """The practice has people who can agree themselves: the service desk does not do it for them."""


# --- who sees which ---------------------------------------------------------------------------------------------------
def vendors_of(account: Account, *, portal_key: str, now: datetime) -> MembershipQuerySet:
    """For whom somebody could ask: practices that they work for themselves, with a tax ID that was attested."""
    own = Membership.objects.open_at(now).in_portal(portal_key).filter(grant__account=account, mandate=None)
    return own.with_attested_tin().select_related("practice").order_by("practice__name", "pk")


def given_to(vendors: Iterable[Practice], *, portal_key: str, now: datetime) -> list[Mandate]:
    """The mandates that these vendors have now. What they asked for and nobody agreed to is not among them."""
    rows = Mandate.objects.filter(vendor__in=list(vendors), portal_key=portal_key, state=State.AGREED)
    found = rows.select_related("vendor", "practice").order_by("practice__name", "pk")
    return [row for row in found if not _is_over(row, now=now)]


def held_by(account: Account, *, portal_key: str, now: datetime) -> QuerySet[Mandate]:
    """The mandates that somebody's vendors have: what they may give up. Nobody else's is ever found."""
    own = vendors_of(account, portal_key=portal_key, now=now).order_by().values("practice")
    rows = Mandate.objects.filter(vendor__in=own, portal_key=portal_key, state=State.AGREED)
    return rows.select_related("vendor", "practice")


def to_answer_by(account: Account, *, portal_key: str, now: datetime) -> QuerySet[Mandate]:
    """The open mandates of the practices that somebody answers for; nobody else's is ever found."""
    own = mandate_people.all_signers(portal_key=portal_key, now=now).filter(grant__account=account)
    rows = Mandate.objects.filter(practice__in=own.values("practice"), portal_key=portal_key, state__in=Mandate.OPEN)
    return rows.select_related("vendor", "practice", "asked_by").order_by("-state", "vendor__name", "pk")


def is_open(mandate: Mandate, *, now: datetime) -> bool:
    """Whether it waits or counts at this moment, whatever was written."""
    return mandate.state in Mandate.OPEN and not _is_over(mandate, now=now)


def _is_over(mandate: Mandate, *, now: datetime) -> bool:
    """Whether its days are over, written or not."""
    if mandate.state == State.ASKED and mandate.asked_at <= lifecycle.over_before("mandate_open", now=now):
        return True
    return mandate.is_past(now, realm=tenancy().tenant(mandate.portal_key).realm)


def for_desk(*, now: datetime) -> Q:
    """Mandates that wait for the service desk's call: asked for, their days not over, of practices that have nobody
    who could agree."""
    waits = Q(state=State.ASKED, asked_at__gt=lifecycle.over_before("mandate_open", now=now))
    not_past = Q(ends_on=None) | Q(ends_on__gte=min(zones.days(now=now)))
    return waits & not_past & mandate_people.without_signer(now=now)


# --- acts -------------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(
    *,
    vendor: Practice,
    practice: Practice,
    portal_key: str,
    roles: Sequence[str],
    ends_on: date | None = None,
    by: Account,
    now: datetime,
) -> Mandate:
    """Somebody of a vendor asks a practice to let the vendor's people work for it in these roles, until a last day or
    until it is ended. Raises NotOfTheVendor, NotAskable or AskedAlready."""
    if not vendors_of(by, portal_key=portal_key, now=now).of(vendor).exists():
        raise NotOfTheVendor
    wanted = sorted(set(roles))
    row = Mandate(
        vendor=vendor, practice=practice, portal_key=portal_key, roles=wanted, ends_on=ends_on,
        state=State.ASKED, asked_at=now, asked_by=by,
    )  # fmt: skip
    known = grid.current(now=now).roles
    if vendor.pk == practice.pk or not wanted or not known.issuperset(wanted) or _is_over(row, now=now):
        raise NotAskable
    between = Mandate.objects.filter(vendor=vendor, practice=practice, portal_key=portal_key)
    _write_what_is_over(between, now=now)
    no_longer_asked = lifecycle.over_before("mandate_open", now=now)
    if between.filter(state=State.DECLINED, until__gt=no_longer_asked).exists():  # a practice is not pressed
        raise AskedAlready
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise AskedAlready from error
    MACHINE.tell(row, by=by, now=now)
    return row


@transaction.atomic
def ask_by_tins(
    *,
    vendor: Practice,
    portal_key: str,
    tins: Iterable[tuple[str, str]],
    roles: Sequence[str],
    ends_on: date | None = None,
    by: Account,
    now: datetime,
) -> None:
    """The same of the practices behind tax IDs, each given as (nine digits, kind): of those that are attested. It
    answers nothing, whatever there is: nobody learns here which tax IDs are known (D-25)."""
    if not mandate_people.are_possible(portal_key):
        return
    known = PracticeTin.objects.among(tins).attested().values("practice")
    for practice in Practice.objects.filter(pk__in=known).order_by("pk"):
        with suppress(NotOfTheVendor, NotAskable, AskedAlready):
            ask(
                vendor=vendor, practice=practice, portal_key=portal_key,
                roles=roles, ends_on=ends_on, by=by, now=now,
            )  # fmt: skip


@transaction.atomic
def agree(*, mandate: Mandate, by: Account, now: datetime) -> Mandate:
    """The practice agrees: from now on the vendor's people work for it. Raises NotYours or NotPossible."""
    _check_answers(mandate, by=by, now=now)
    return _agree(mandate, reason="", by=by, now=now)


@transaction.atomic
def agree_for(*, mandate: Mandate, reason: str, by: Account, now: datetime) -> Mandate:
    """The service desk agrees after a call, where the practice has nobody who could. Raises approvals.MayNotDecide
    (D-28), ReasonMissing, SomebodyThere or NotPossible."""
    said = _said(mandate, reason, by=by)
    if mandate_people.signers(mandate.practice, portal_key=mandate.portal_key, now=now).exists():
        raise SomebodyThere
    return _agree(mandate, reason=said, by=by, now=now)


@transaction.atomic
def decline(*, mandate: Mandate, by: Account, now: datetime) -> Mandate:
    """The practice does not want it; nobody is told. Raises NotYours or NotPossible."""
    _check_answers(mandate, by=by, now=now)
    if not is_open(mandate, now=now):
        raise NotPossible(mandate)
    return MACHINE.move(mandate, to=State.DECLINED, by=by, now=now)


@transaction.atomic
def end(*, mandate: Mandate, by: Account, now: datetime) -> Mandate:
    """The practice ends it by one press: all memberships under it end. Raises NotYours or NotPossible."""
    _check_answers(mandate, by=by, now=now)
    return _end(mandate, reason="", by=by, now=now)


@transaction.atomic
def give_up(*, mandate: Mandate, by: Account, now: datetime) -> Mandate:
    """The vendor ends it by one press: whoever may ask for one may. Raises NotOfTheVendor or NotPossible."""
    if not vendors_of(by, portal_key=mandate.portal_key, now=now).of(mandate.vendor).exists():
        raise NotOfTheVendor
    return _end(mandate, reason="", by=by, now=now)


@transaction.atomic
def end_for(*, mandate: Mandate, reason: str, by: Account, now: datetime) -> Mandate:
    """The service desk ends it, and says why. Raises approvals.MayNotDecide (D-28), ReasonMissing or NotPossible."""
    return _end(mandate, reason=_said(mandate, reason, by=by), by=by, now=now)


def _check_answers(mandate: Mandate, *, by: Account, now: datetime) -> None:
    there = mandate_people.signers(mandate.practice, portal_key=mandate.portal_key, now=now)
    if not there.filter(grant__account=by).exists():
        raise NotYours


def _said(mandate: Mandate, reason: str, *, by: Account) -> str:
    approvals.check_answers_for(account=by, portal_key=mandate.portal_key)
    said = text.line(reason)[:MAX_LENGTH]
    if not said:
        raise ReasonMissing
    return said


def _agree(mandate: Mandate, *, reason: str, by: Account, now: datetime) -> Mandate:
    if not is_open(mandate, now=now):
        raise NotPossible(mandate)
    mandate_people.lock_grants(mandate, now=now)
    agreed = MACHINE.move(mandate, to=State.AGREED, by=by, now=now, reason=reason)
    mandate_people.open_all(agreed, by=by, now=now)
    return agreed


def _end(mandate: Mandate, *, reason: str, by: Account | None, now: datetime) -> Mandate:
    ended = MACHINE.move(mandate, to=State.ENDED, by=by, now=now, reason=reason)
    mandate_people.end_all(ended, reason="the mandate ended", by=by, now=now)
    return ended


# --- what is over -----------------------------------------------------------------------------------------------------
def due(*, now: datetime) -> QuerySet[Mandate]:
    """Mandates that nobody answered in their days."""
    over = lifecycle.over_before("mandate_open", now=now)
    return Mandate.objects.filter(state=State.ASKED, asked_at__lte=over).order_by("asked_at", "pk")


def past(*, now: datetime) -> QuerySet[Mandate]:
    """Agreed mandates whose last day has passed in every realm; at use each ends with its realm's day."""
    agreed = Mandate.objects.filter(state=State.AGREED, ends_on__lt=min(zones.days(now=now)))
    return agreed.order_by("ends_on", "pk")


def lapse_due(*, now: datetime) -> int:
    """Write what nobody answered in its days; too many at once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("lapse mandates"),
        rows=lambda moment: due(now=moment),
        active=Mandate.objects.filter(state=State.ASKED),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(MACHINE.try_move(row, to=State.LAPSED, by=None, now=now) for row in list(over))


def end_past(*, now: datetime) -> int:
    """End the mandates whose last day has passed, and tell both; too many at once wait for two people."""
    over = mass_acts.admitted(
        kind=gettext_noop("end mandates"),
        rows=lambda moment: past(now=moment),
        active=Mandate.objects.filter(state=State.AGREED),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_end_past(row, now=now) for row in list(over))


@transaction.atomic
def _end_past(row: Mandate, *, now: datetime) -> bool:
    is_first = MACHINE.try_move(row, to=State.ENDED, by=None, now=now)
    if is_first:
        mandate_people.end_all(row, reason="the mandate ended", by=None, now=now)
    return is_first


def _write_what_is_over(rows: QuerySet[Mandate], *, now: datetime) -> None:
    """What is over between two stands in no new one's way."""
    for row in rows.filter(state__in=Mandate.OPEN):
        if _is_over(row, now=now) and row.state == State.AGREED:
            _end_past(row, now=now)
        elif _is_over(row, now=now):
            MACHINE.try_move(row, to=State.LAPSED, by=None, now=now)
