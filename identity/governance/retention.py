"""How long records are kept: see `journal`, `outbox` and `code_record` in the table of periods."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from identity.accounts import questions
from identity.jobs import mass_acts
from identity.models import (
    Account,
    Challenge,
    DailySpend,
    JournalEntry,
    OpenSession,
    OutboxMessage,
    PhoneDevice,
    QuestionTries,
    RememberedDevice,
    SavedPost,
    SecurityAlert,
    SecurityAnswer,
    SuppressedAddress,
)
from identity.policy import lifecycle
from identity.policy.lifecycle import over_before
from identity.policy.realms import REALMS

type Rows = Callable[[datetime], QuerySet[Any]]

# What lives a day or less, or holds no history: most of it is over each night, so that no share of it tells of a fault.
SHORT_LIVED: dict[str, Rows] = {
    "sessions": lambda now: Session.objects.filter(expire_date__lte=now),
    "open sessions": lambda now: OpenSession.objects.filter(expires_at__lte=now),
    "held forms": lambda now: SavedPost.objects.filter(saved_at__lte=over_before("saved_post", now=now)),
    "question tries": lambda now: QuestionTries.objects.filter(since__lte=over_before("question_tries", now=now)),
    "lifted addresses": lambda now: SuppressedAddress.objects.filter(
        lifted_at__gte=F("since"), lifted_at__lte=over_before("outbox", now=now)
    ),
}
LIMITED: dict[str, Rows] = {
    gettext_noop("prune journal"): lambda now: JournalEntry.objects.filter(at__lt=over_before("journal", now=now)),
    # What an address held back waits for nobody; what failed waits for a person.
    gettext_noop("prune outbox"): lambda now: OutboxMessage.objects.filter(
        Q(state=OutboxMessage.State.SENT) | Q(delivery=OutboxMessage.Delivery.SUPPRESSED),
        done_at__lte=over_before("outbox", now=now),
    ),
    gettext_noop("prune codes"): lambda now: Challenge.objects.filter(sent_at__lte=over_before("code_record", now=now)),
    gettext_noop("prune devices"): lambda now: RememberedDevice.objects.filter(
        last_seen_at__lte=over_before("known_device", now=now)
    ),
    gettext_noop("prune alerts"): lambda now: SecurityAlert.objects.filter(at__lt=over_before("journal", now=now)),
    # A number that was to replace the proved one, and was never proved.
    gettext_noop("prune numbers"): lambda now: PhoneDevice.objects.filter(
        Exists(PhoneDevice.objects.filter(user=OuterRef("user"), confirmed=True)),
        confirmed=False,
        created_at__lte=now - lifecycle.after("phone_additions"),
    ),
    gettext_noop("prune spending"): lambda now: DailySpend.objects.filter(
        day__lt=over_before("journal", now=now).date()
    ),
    # A realm that no longer asks security questions keeps no answers (policy: security questions, nist).
    gettext_noop("prune answers"): lambda now: SecurityAnswer.objects.filter(
        account__realm__in=_realms_without_questions()
    ),
}


def prune(*, now: datetime) -> dict[str, int]:
    """Delete records whose period is over; returns how many of each kind. What would be too many waits for two people
    (policy: mass acts)."""
    deleted = {name: rows(now).delete()[0] for name, rows in SHORT_LIVED.items()}
    return deleted | {kind: delete(kind, rows, now=now) for kind, rows in LIMITED.items()}


def delete(kind: str, rows: Rows, *, now: datetime) -> int:
    """Delete what is over as of a moment, within the limit of pruning; returns how many rows went."""
    active = rows(now).model._default_manager.all()
    return mass_acts.admitted(kind=kind, rows=rows, active=active, limit=mass_acts.PRUNING, now=now).delete()[0]


def _realms_without_questions() -> list[str]:
    return [key for key in REALMS if not questions.are_used(Account(realm=key))]
