"""What a password must be (S0-16), as a Django validator; changing it; how old it may get (S3-18)."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from identity.accounts import accounts
from identity.codes import attempts, codes
from identity.keys.hash_pool import pool
from identity.models import Account, OpenSession
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.notices.messages import PasswordReminder
from identity.policy import lifecycle
from identity.policy.realms import OHID, REALMS, password_rules
from identity.record import events, journal, outbox
from identity.sessions import devices

REMINDERS = ("password_reminder_first", "password_reminder_second", "password_reminder_last")
BATCH = 500


class RealmRule:
    """The rules of the account's realm under its profile (policy: password)."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError with every rule that the password breaks."""
        rules = password_rules(user.realm if user else OHID.key)
        broken = [ValidationError(rule.says, code="password_rule") for rule in rules if not rule.holds(password)]
        if broken:
            raise ValidationError(broken)

    def get_help_text(self) -> str:
        return " ".join(str(rule.text) for rule in password_rules(OHID.key))


def is_current(*, account: Account, password: str) -> bool:
    """Whether this is the account's password: about 20 ms of work. Raises hash_pool.Busy."""
    return bool(pool.run(check_password, password, account.password))


def change(*, account: Account, password: str, now: datetime) -> None:
    """Set a password that was validated; every session ends and the owner is told. Raises hash_pool.Busy."""
    encoded = accounts.hashed(password)
    with transaction.atomic():
        store(account=account, encoded=encoded, now=now)


def store(*, account: Account, encoded: str, now: datetime) -> None:
    """Write the hash of a new password within the caller's transaction: sessions, remembered devices and reset links
    end, wrong tries are forgotten, every channel is told."""
    Account.objects.filter(pk=account.pk).update(
        password=encoded,
        password_changed_at=now,
        password_reminder=0,
        session_epoch=F("session_epoch") + 1,
        secured_at=None,
        factors_taken_back=False,
    )
    OpenSession.objects.filter(account=account).delete()
    devices.end(account=account, device=None, by=account, now=now)
    codes.end_all(account=account, purpose="reset", now=now)
    journal.record(events.PasswordChanged(account=account, by=account), now=now)
    alerts.raise_alert(account=account, kind=SecurityAlert.Kind.PASSWORD_CHANGED, now=now)
    addresses = EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True)
    series = [attempts.series_of(realm=account.realm, typed=typed) for typed in (account.login_name, *addresses)]
    transaction.on_commit(lambda: attempts.succeeded(*series), robust=True)
    account.refresh_from_db()


def has_ended(account: Account, *, now: datetime) -> bool:
    """Whether the next sign-in asks for a new password (S3-18)."""
    end = account.password_ends_at
    return end is not None and now >= end


def remind(*, now: datetime) -> int:
    """Mail everybody whose password ends within a reminder that they have not had; returns how many (S3-18).

    Without the limit of mass acts: a reminder ends nothing, pages and the sign-in say the same, and where many set
    their passwords on one day it has to reach them all. It asks the clock (identity.tasks).
    """
    # The last one first: after a day without this job nobody gets several mails at once.
    return sum(_remind(realm, name, now=now) for realm in REALMS for name in reversed(REMINDERS))


def _remind(realm: str, name: str, *, now: datetime) -> int:
    """One reminder: each account once, however often the job runs; a narrow column says which it has had."""
    age = lifecycle.after("password_age", Account(realm=realm).profile)
    if not age:
        return 0
    stage = REMINDERS.index(name) + 1
    began = now - age  # set at or before this moment: it has ended, and the sign-in says so
    due = Q(password_changed_at__gt=began, password_changed_at__lte=began + lifecycle.after(name))
    told, seen = 0, -1
    while rows := list(
        Account.objects.filter(due, realm=realm, is_active=True, password_reminder__lt=stage, pk__gt=seen)
        .order_by("pk")
        .only("pk", "password_changed_at")[:BATCH]
    ):
        seen = rows[-1].pk
        with transaction.atomic():
            for row in rows:
                mine = Account.objects.filter(
                    pk=row.pk, password_changed_at=row.password_changed_at, password_reminder__lt=stage
                )
                if mine.update(password_reminder=stage):
                    day = row.password_changed_at.date().isoformat()
                    outbox.enqueue(PasswordReminder(account_id=row.pk, stage=stage, since=day), now=now)
                    told += 1
    return told
