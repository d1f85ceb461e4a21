""" "Ask my practice" by tax ID: goes to the practice's administrators, and tells whoever asks nothing.

The page writes one row whatever was typed; only the worker looks the tax ID up. So its answer, its bytes and its time
are the same for everybody: a tax ID is never confirmed to a stranger.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.domain.people import Office
from enrollment.messages import PracticeInquiryMail
from enrollment.models import PracticeInquiry
from identity.jobs import mass_acts
from identity.policy import lifecycle
from identity.record import delivery, outbox
from rbac.models import Practice, PracticeTin
from rbac.models.practices import tin_key

MAX_OF_A_PRACTICE = 10  # that its administrators get within the period of an inquiry
BATCH = 100


@transaction.atomic
def ask(*, portal_key: str, name: str, email: str, digits: str, kind: str, now: datetime) -> None:
    """Keep what somebody typed for the worker, who looks every minute."""
    PracticeInquiry.objects.create(
        portal_key=portal_key, tin_key=tin_key(digits), tin_kind=kind, name=name, email=email,
        email_key=delivery.address_key(email), asked_at=now,
    )  # fmt: skip


def pass_on_all(*, now: datetime) -> int:
    """Pass on what waits, one transaction each; answers how many administrators are told."""
    waiting = PracticeInquiry.objects.filter(passed_on_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(_pass_on(pk, now=now) for pk in list(waiting[:BATCH]))


@transaction.atomic
def _pass_on(pk: int, *, now: datetime) -> int:
    """Tell the administrators of the practice whose attested tax ID it is (D-25); what nobody is told goes at once."""
    inquiry = PracticeInquiry.objects.select_for_update().filter(pk=pk, passed_on_at=None).first()
    if inquiry is None:  # another worker was quicker
        return 0
    practice = _practice_of(inquiry)
    told = _administrators(practice, inquiry.portal_key, now=now) if practice and not _is_too_much(inquiry) else []
    if practice is None or not told:
        inquiry.delete()
        return 0
    PracticeInquiry.objects.filter(pk=pk).update(passed_on_at=now)
    for account_id in told:
        outbox.enqueue(PracticeInquiryMail(account_id=account_id, inquiry=pk, practice=practice.pk), now=now)
    return len(told)


def _administrators(practice: Practice, portal_key: str, *, now: datetime) -> list[int]:
    rows = Office(practice=practice, portal_key=portal_key).administrators(now=now)
    return list(rows.order_by("pk").values_list("grant__account", flat=True))


def _practice_of(inquiry: PracticeInquiry) -> Practice | None:
    attested = PracticeTin.objects.attested().filter(key=inquiry.tin_key, kind=inquiry.tin_kind)
    found = attested.select_related("practice").first()
    return found.practice if found else None


def _is_too_much(inquiry: PracticeInquiry) -> bool:
    """The same person asks once, and a practice is not flooded, within the period of an inquiry."""
    before = PracticeInquiry.objects.filter(tin_key=inquiry.tin_key, passed_on_at__isnull=False)
    return before.filter(email_key=inquiry.email_key).exists() or before.count() >= MAX_OF_A_PRACTICE


def forget_old(*, now: datetime) -> int:
    """Delete inquiries whose days are over; too many at once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("delete old questions to practices"),
        rows=lambda moment: PracticeInquiry.objects.filter(
            asked_at__lte=lifecycle.over_before("practice_inquiry", now=moment)
        ),
        active=PracticeInquiry.objects.all(),
        limit=mass_acts.PRUNING,
        now=now,
    )
    return PracticeInquiry.objects.filter(pk__in=list(over.values_list("pk", flat=True))).delete()[0]
