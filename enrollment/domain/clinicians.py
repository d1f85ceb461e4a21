"""Clinicians that staff name, and who works with which of them: asked for, said and taken back by each person
(S2-21..23)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists

from accessforms.domain.npis import is_npi
from enrollment import events
from enrollment.models import Association, AssociationQuerySet, Clinician, ClinicianQuestion, ClinicianTerm
from identity.models import Account
from identity.record import journal, search
from portals import registry
from portals.spec import PortalSpec
from rbac.domain import approvals, grants
from rbac.models import AccessGrant, Membership, Practice


class NotAnNpi(Exception):
    """Not ten digits, or one of them is wrong."""


class KnownAlready(Exception):
    """A clinician with this NPI is there."""

    def __init__(self, clinician: Clinician) -> None:
        super().__init__(clinician.npi)
        self.clinician = clinician


# --- who works with whom ----------------------------------------------------------------------------------------------
def concern(portal: PortalSpec, memberships: Iterable[Membership]) -> bool:
    """Whether the portal asks for clinicians where somebody works: California only (S2-21)."""
    return bool(portal.clinician_markets) and any(row.market in portal.clinician_markets for row in memberships)


def is_due(grant: AccessGrant) -> bool:
    """Whether the holder has neither named a clinician nor gone on without one: asked at the first log-in (S2-21)."""
    said = Exists(Association.objects.of(grant)) | Exists(ClinicianQuestion.objects.filter(grant=grant))
    return not AccessGrant.objects.filter(pk=grant.pk).filter(said).exists()


def of(grant: AccessGrant) -> AssociationQuerySet:
    """The clinicians that somebody works with now, by name."""
    return all_of(grant).current().order_by("clinician__name", "clinician_id")


def all_of(grant: AccessGrant) -> AssociationQuerySet:
    """The same with those that ended."""
    return Association.objects.of(grant).select_related("clinician", "grant__account")


@transaction.atomic
def associate(*, grant: AccessGrant, clinicians: Sequence[Clinician], by: Account, now: datetime) -> list[Association]:
    """Keep that the holder of a grant works with these clinicians; answers the new ones. Those that were there stay;
    who may be chosen no longer is left out. Raises grants.GrantEnded (S2-21, S2-22)."""
    grants.lock(grant, by=None)  # of two presses at once the second one finds what the first one wrote
    held = Association.objects.of(grant).current().values("clinician")
    wanted = Clinician.objects.filter(pk__in=[one.pk for one in clinicians], is_active=True).exclude(pk__in=held)
    rows = [Association(grant=grant, clinician=one, since=now) for one in wanted.order_by("name", "pk")]
    Association.objects.bulk_create(rows)
    journal.record_all(
        [events.ClinicianAssociated(account=grant.account, by=by, about=row, **_facts(row)) for row in rows], now=now
    )
    return rows


@transaction.atomic
def end(*, association: Association, by: Account, now: datetime) -> bool:
    """Somebody works with a clinician no longer; answers whether this call ended it (S2-22)."""
    if not Association.objects.current().filter(pk=association.pk).update(until=now):
        return False
    event = events.AssociationEnded(account=association.grant.account, by=by, about=association, **_facts(association))
    journal.record(event, now=now)
    return True


@transaction.atomic
def answer(*, grant: AccessGrant, by: Account, now: datetime) -> None:
    """Whoever was asked goes on, with clinicians or without (S2-21, S2-23); a second press changes nothing."""
    _row, is_new = ClinicianQuestion.objects.get_or_create(grant=grant, defaults={"answered_at": now})
    if is_new:
        event = events.ClinicianQuestionAnswered(account=grant.account, by=by, about=grant, portal_key=grant.portal_key)
        journal.record(event, now=now)


def _facts(association: Association) -> dict[str, str]:
    return {"portal_key": association.grant.portal_key, "npi": association.clinician.npi}


# --- whom staff name --------------------------------------------------------------------------------------------------
def kept_by(portal_keys: Iterable[str]) -> list[str]:
    """Of these portals the ones that ask for clinicians: whoever answers for one of them looks after the list."""
    return [portal.key for portal in registry.known(portal_keys) if portal.clinician_markets]


def check_keeps(by: Account | None) -> None:
    """Raise approvals.MayNotDecide unless they answer for a portal that asks for clinicians (D-28)."""
    if by is not None and not kept_by(sorted(approvals.scope_of(by).portals)):
        raise approvals.MayNotDecide("clinicians")


def count_of(clinician: Clinician) -> int:
    """How many people with access say that they work with a clinician."""
    return Association.objects.current().filter(clinician=clinician, grant__until=None).count()


@transaction.atomic
def add(*, npi: str, name: str, practice: Practice | None, by: Account | None, now: datetime) -> Clinician:
    """Let people choose a clinician. Raises NotAnNpi, KnownAlready or approvals.MayNotDecide (D-28)."""
    check_keeps(by)
    if not is_npi(npi):
        raise NotAnNpi(npi)
    try:
        with transaction.atomic():
            row = Clinician.objects.create(npi=npi, name=name, practice=practice, created_at=now)
    except IntegrityError:
        raise KnownAlready(Clinician.objects.get(npi=npi)) from None
    _index(row)
    journal.record(events.ClinicianAdded(account=None, by=by, about=row, npi=npi), now=now)
    return row


@transaction.atomic
def add_all(*, listed: Sequence[Mapping[str, Any]], by: Account | None, now: datetime) -> list[bool]:
    """Add each of a list, whose rows are what `add` takes, and say of each whether it is new: whoever is there stays as
    they are, so that the same list may be sent again. Raises NotAnNpi or approvals.MayNotDecide (D-28)."""
    check_keeps(by)
    found = []
    for row in listed:
        try:
            add(**row, by=by, now=now)
        except KnownAlready:
            found.append(False)
        else:
            found.append(True)
    return found


@transaction.atomic
def change(
    *, clinician: Clinician, name: str, practice: Practice | None, is_active: bool, by: Account | None, now: datetime
) -> list[str]:
    """Correct what is said of a clinician, or let nobody choose them any more: whoever works with them goes on to.
    Answers the columns that changed. Raises approvals.MayNotDecide (D-28)."""
    check_keeps(by)
    row = Clinician.objects.select_for_update().get(pk=clinician.pk)
    wanted = {"name": name, "practice_id": practice.pk if practice else None, "is_active": is_active}
    new = {column: value for column, value in wanted.items() if getattr(row, column) != value}
    if new:
        Clinician.objects.filter(pk=row.pk).update(**new)
        clinician.refresh_from_db()
        _index(clinician)
        changed = [column.removesuffix("_id") for column in new]
        event = events.ClinicianChanged(account=None, by=by, about=clinician, npi=clinician.npi, changed=changed)
        journal.record(event, now=now)
    return list(new)


def _index(clinician: Clinician) -> None:
    search.keep(ClinicianTerm, terms=search.of_words(clinician.name), owner={"clinician_id": clinician.pk})
