"""What a password must be (S0-16), as a Django validator, for every way to set one; and changing it."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from identity import events
from identity.domain import accounts, alerts, devices, journal
from identity.hash_pool import pool
from identity.models import Account, OpenSession
from identity.models.alerts import SecurityAlert
from identity.realms import OHID, password_rules


class RealmRule:
    """The rules of the account's realm under its profile (policy: password)."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError with every rule that the password breaks."""
        rules = password_rules(user.realm if user else OHID.key)
        broken = [ValidationError(rule.text, code="password_rule") for rule in rules if not rule.holds(password)]
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
        Account.objects.filter(pk=account.pk).update(
            password=encoded, password_changed_at=now, session_epoch=F("session_epoch") + 1, secured_at=None
        )
        OpenSession.objects.filter(account=account).delete()
        devices.end(account=account, device=None, by=account, now=now)
        journal.record(events.PasswordChanged(account=account, by=account), now=now)
        alerts.raise_alert(account=account, kind=SecurityAlert.Kind.PASSWORD_CHANGED, now=now)
    account.refresh_from_db()
