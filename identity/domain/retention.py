"""How long records are kept: see `journal`, `outbox` and `code_record` in the table of periods."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from identity import lifecycle
from identity.domain import questions
from identity.models import (
    Account,
    Challenge,
    DailySpend,
    HeldRequest,
    JournalEntry,
    OpenSession,
    OutboxMessage,
    PhoneDevice,
    QuestionTries,
    RememberedDevice,
    SecurityAlert,
    SecurityAnswer,
)
from identity.realms import REALMS


def prune(*, now: datetime) -> dict[str, int]:
    """Delete records whose period is over; returns how many of each kind."""
    old = {
        "journal": JournalEntry.objects.filter(at__lte=now - lifecycle.after("journal")),
        "outbox": OutboxMessage.objects.filter(
            state=OutboxMessage.State.SENT, done_at__lte=now - lifecycle.after("outbox")
        ),
        "codes": Challenge.objects.filter(sent_at__lte=now - lifecycle.after("code_record")),
        "sessions": Session.objects.filter(expire_date__lte=now),
        "open sessions": OpenSession.objects.filter(expires_at__lte=now),
        "held forms": HeldRequest.objects.filter(held_at__lte=now - lifecycle.after("held_request")),
        "devices": RememberedDevice.objects.filter(last_seen_at__lte=now - lifecycle.after("known_device")),
        "alerts": SecurityAlert.objects.filter(at__lte=now - lifecycle.after("journal")),
        # A number that was to replace the proved one, and was never proved.
        "numbers": PhoneDevice.objects.filter(
            Exists(PhoneDevice.objects.filter(user=OuterRef("user"), confirmed=True)),
            confirmed=False,
            created_at__lte=now - lifecycle.after("phone_additions"),
        ),
        # A realm that no longer asks security questions keeps no answers (policy: security questions, nist).
        "answers": SecurityAnswer.objects.filter(account__realm__in=_realms_without_questions()),
        "question tries": QuestionTries.objects.filter(since__lte=now - lifecycle.after("question_tries")),
        "spending": DailySpend.objects.filter(day__lte=(now - lifecycle.after("journal")).date()),
    }
    return {name: rows.delete()[0] for name, rows in old.items()}


def _realms_without_questions() -> list[str]:
    return [key for key in REALMS if not questions.are_used(Account(realm=key))]
