"""Asking practices for a mandate by their tax IDs: the page writes the same rows whatever was typed, and only a worker
looks the tax IDs up. So its answer and its time are the same: a tax ID is never confirmed to a vendor (S3-10, D-25).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from rbac.domain import mandates, practices
from rbac.models import MandateInquiry, Practice

MAX_A_DAY = 30  # tax IDs that the people of one vendor ask; more by a ticket (S2-16)
BATCH = 300  # tax IDs that one run passes on


class TooManyToday(Exception):
    """The vendor may ask `left` tax IDs more within a day."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


@transaction.atomic
def ask(
    *,
    vendor: Practice,
    portal_key: str,
    tins: Collection[tuple[str, str]],
    roles: Sequence[str],
    ends_on: date | None = None,
    by: Account,
    now: datetime,
) -> None:
    """Keep which tax IDs, each given as (nine digits, kind), are to be asked, for the worker, who looks every minute.
    Raises mandates.NotOfTheVendor or TooManyToday: what is known and what is not count alike."""
    practices.lock(vendor)  # of two windows at once the second one counts what the first one wrote
    if not mandates.vendors_of(by, portal_key=portal_key, now=now).of(vendor).exists():
        raise mandates.NotOfTheVendor
    left = MAX_A_DAY - _of_today(vendor, now=now)
    if len(tins) > left:
        raise TooManyToday(max(left, 0))
    MandateInquiry.objects.bulk_create(
        MandateInquiry(
            vendor=vendor, portal_key=portal_key, digits=digits, kind=kind,
            roles=sorted(set(roles)), ends_on=ends_on, asked_by=by, asked_at=now,
        )
        for digits, kind in tins
    )  # fmt: skip


def _of_today(vendor: Practice, *, now: datetime) -> int:
    within = lifecycle.counted("asked_at", "mandate_inquiry", now=now)
    return MandateInquiry.objects.filter(within, vendor=vendor).count()


def pass_on_all(*, now: datetime) -> int:
    """Ask the practices of what waits, a tax ID a transaction; answers how many tax IDs were looked up."""
    waiting = MandateInquiry.objects.filter(passed_on_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(_pass_on(pk, now=now) for pk in list(waiting[:BATCH]))


@transaction.atomic
def _pass_on(pk: int, *, now: datetime) -> bool:
    rows = MandateInquiry.objects.filter(pk=pk, passed_on_at=None)
    if not rows.update(passed_on_at=now):  # another worker was quicker
        return False
    row = MandateInquiry.objects.select_related("vendor", "asked_by").get(pk=pk)
    mandates.ask_by_tins(
        vendor=row.vendor, portal_key=row.portal_key, tins=[(row.digits, row.kind)],
        roles=row.roles, ends_on=row.ends_on, by=row.asked_by, now=now,
    )  # fmt: skip
    return True


def forget_old(*, now: datetime) -> int:
    """Delete what counts no longer; too many at once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("delete old inquiries for mandates"),
        rows=lambda moment: MandateInquiry.objects.filter(
            asked_at__lte=lifecycle.over_before("mandate_inquiry", now=moment)
        ).exclude(passed_on_at=None),
        active=MandateInquiry.objects.all(),
        limit=mass_acts.PRUNING,
        now=now,
    )
    return over.delete()[0]
