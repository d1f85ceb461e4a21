"""The lists of a form as they hold: what the definition offers, changed by operators without a release (D-10)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import get_language

from accessforms import events
from accessforms.models import OfferedAnswer
from identity.models import Account
from identity.record import journal
from portals.form_spec import Field, FormSpec, Text
from portals.spec import PortalSpec
from rbac.domain import grid

RIGHT = "accessforms.change_offeredanswer"


class MayNotChange(Exception):
    """Lists are operators' (D-10)."""


class NoSuchList(Exception):
    """The portal's form has no list of this name, or the list no such answer."""


class AlreadyOffered(Exception):
    """The list has an answer of this name, offered or taken away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a list, offered or not."""

    key: str
    label: Text
    is_offered: bool = True


def may_change(account: Account) -> bool:
    """Whether the account may change lists."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def lists_of(portal: PortalSpec) -> list[Field]:
    """The fields of the portal's form whose answers operators change."""
    return [field for field in portal.access_form.fields().values() if field.is_list] if portal.access_form else []


def answers(portal: PortalSpec) -> dict[str, list[Answer]]:
    """By field, all answers that the list has or had: the definition's in its order, then those that were added."""
    lists = lists_of(portal)
    if not lists:
        return {}
    rows = OfferedAnswer.objects.filter(portal_key=portal.key).order_by("pk")
    changed = {(row.field, row.key): row for row in rows}
    found = {}
    for field in lists:
        kept = [_answer(key, label, changed.pop((field.name, key), None)) for key, label in field.choices]
        added = [_answer(row.key, _label(row), row) for (name, _key), row in changed.items() if name == field.name]
        found[field.name] = kept + added
    return found


def _answer(key: str, label: Text, row: OfferedAnswer | None) -> Answer:
    return Answer(key, label, row.is_offered if row else True)


def _label(row: OfferedAnswer) -> str:
    return row.label_es if row.label_es and (get_language() or "").startswith("es") else row.label


def form_of(portal: PortalSpec, *, now: datetime, with_gone: bool = False) -> FormSpec | None:
    """The portal's form with its lists as they hold now, and the roles of the grid; `with_gone` names what was taken
    away as well, for whoever reads answers that were given before."""
    form, lists = portal.access_form, answers(portal)
    if form is None:
        return form
    offered = {
        name: tuple((one.key, one.label) for one in found if one.is_offered or with_gone)
        for name, found in lists.items()
    }
    if form.works_as and portal.grid and not with_gone:
        role, known = form.works_as.role, grid.current(now=now).roles
        offered[role] = tuple(one for one in form.fields()[role].choices if one[0] in known)
    if not offered:
        return form
    sections = tuple(
        replace(
            section,
            fields=tuple(
                replace(field, choices=offered[field.name]) if field.name in offered else field
                for field in section.fields
            ),
        )
        for section in form.sections
    )
    return replace(form, sections=sections)


def knows_role(portal: PortalSpec, role: str, *, now: datetime) -> bool:
    """Whether a role opens anything behind the portal's grid: one that has left it is offered to nobody (S2-17)."""
    return not portal.grid or role in grid.current(now=now).roles


@transaction.atomic
def add(*, portal: PortalSpec, field: str, label: str, label_es: str = "", by: Account, now: datetime) -> OfferedAnswer:
    """Offer one more answer; its key follows from its English words. Raises MayNotChange, NoSuchList or
    AlreadyOffered."""
    known = _known(portal, field, by=by)
    key = slugify(label)[:40].replace("-", "_")
    if not key or key in known:
        raise AlreadyOffered(key)
    row = OfferedAnswer.objects.create(
        portal_key=portal.key, field=field, key=key, label=label, label_es=label_es, changed_by=by, changed_at=now
    )
    _tell(row, now=now)
    return row


@transaction.atomic
def offer(*, portal: PortalSpec, field: str, key: str, is_offered: bool, by: Account, now: datetime) -> bool:
    """Take an answer from its list, or offer it again; answers whether that changed anything. Answers that were given
    keep it. Raises MayNotChange or NoSuchList."""
    known = _known(portal, field, by=by)
    if key not in known:
        raise NoSuchList(key)
    row, _created = OfferedAnswer.objects.get_or_create(
        portal_key=portal.key, field=field, key=key,
        defaults={"label": str(known[key].label), "changed_by": by, "changed_at": now},
    )  # fmt: skip
    rows = OfferedAnswer.objects.filter(pk=row.pk, is_offered=not is_offered)
    if not rows.update(is_offered=is_offered, changed_by=by, changed_at=now):
        return False
    row.refresh_from_db()
    _tell(row, now=now)
    return True


def _known(portal: PortalSpec, field: str, *, by: Account) -> dict[str, Answer]:
    if not may_change(by):
        raise MayNotChange
    lists = answers(portal)
    if field not in lists:
        raise NoSuchList(field)
    return {one.key: one for one in lists[field]}


def _tell(row: OfferedAnswer, *, now: datetime) -> None:
    told = events.ListChanged(
        account=None, by=row.changed_by, about=row, portal_key=row.portal_key, field=row.field, key=row.key,
        is_offered=row.is_offered,
    )  # fmt: skip
    journal.record(told, now=now)
