"""What a person changes about their own account: name, ID, language, light or dark (S1-54)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from identity.accounts.accounts import LoginNameTaken
from identity.models import Account
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.policy.realms import login_key
from identity.record import events, journal


class ChangedMeanwhile(Exception):
    """The profile was changed in another window after this page had been opened."""


@transaction.atomic
def rename(*, account: Account, first_name: str, last_name: str, seen: int, now: datetime) -> None:
    """Change the person's name. `seen` is the profile's version on the page. Raises ChangedMeanwhile."""
    _change(account, seen=seen, first_name=first_name, last_name=last_name)
    journal.record(events.NameChanged(account=account, by=account), now=now)


@transaction.atomic
def change_login_name(*, account: Account, login_name: str, seen: int, now: datetime) -> None:
    """Give the account another ID; every channel is told (S1-54). The form has checked the realm's rule (C1, C2).

    Raises LoginNameTaken or ChangedMeanwhile.
    """
    before = account.login_name
    key = login_key(account.realm, login_name)
    try:
        with transaction.atomic():
            _change(account, seen=seen, login_name=login_name, login_key=key)
    except IntegrityError as error:
        raise LoginNameTaken(login_name) from error
    journal.record(events.LoginNameChanged(account=account, by=account, before=before), now=now)
    alerts.raise_alert(account=account, kind=SecurityAlert.Kind.NAME_CHANGED, what=before, now=now)


def _change(account: Account, *, seen: int, **values: str) -> None:
    """Write the profile if it is still as the page showed it: of two windows the second is told."""
    rows = Account.objects.filter(pk=account.pk, profile_version=seen)
    if not rows.update(profile_version=F("profile_version") + 1, **values):
        raise ChangedMeanwhile
    account.refresh_from_db()


@transaction.atomic
def change_theme(*, account: Account, theme: str, now: datetime) -> None:
    """Choose light, dark, or what the device asks for."""
    Account.objects.filter(pk=account.pk).update(theme=theme)
    account.theme = theme
    journal.record(events.ThemeChanged(account=account, by=account, theme=theme), now=now)


@transaction.atomic
def change_language(*, account: Account, language: str, now: datetime) -> None:
    """Choose the language of pages, mails and texts (D-18)."""
    Account.objects.filter(pk=account.pk).update(language=language)
    account.language = language
    journal.record(events.LanguageChanged(account=account, by=account, language=language), now=now)
