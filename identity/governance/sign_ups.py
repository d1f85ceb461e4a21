"""Sign-ups that come to nothing: given up for an ID that was there already, or never finished."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.models import Account, PhoneDevice, SecurityAnswer, Signature
from identity.policy import lifecycle
from identity.policy.realms import login_key
from identity.record import events, journal


@transaction.atomic
def give_up(*, account: Account, now: datetime) -> None:
    """Close an account that was just made by somebody who has one already (S2-24)."""
    _forget(account)
    journal.record(events.SignUpGivenUp(account=account, by=account), now=now)


def unfinished(*, now: datetime) -> "QuerySet[Account]":
    """Sign-ups that nobody finished in time: no address was ever proved, nobody ever signed in. Not those who were made
    an account, by an invitation or from an old system: they have no password yet."""
    return (
        Account.objects.filter(
            last_login=None,
            is_active=True,
            is_staff=False,
            date_joined__lte=now - lifecycle.after("unfinished_sign_up"),
        )
        .exclude(email="")
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .exclude(Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)))
        .order_by("date_joined")
    )


def release(*, now: datetime) -> int:
    """Give their names free, one transaction each; returns how many (L10). Too many at once wait for two people
    (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("release names of unfinished sign-ups"),
        rows=lambda moment: unfinished(now=moment),
        active=Account.objects.filter(is_active=True),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_release_one(pk, over, now=now) for pk in list(over.values_list("pk", flat=True)))


@transaction.atomic
def _release_one(pk: int, over: "QuerySet[Account]", *, now: datetime) -> bool:
    Account.objects.select_for_update().get(pk=pk)
    account = over.filter(pk=pk).first()  # whoever came back meanwhile stays
    if account is None:
        return False
    _forget(account)
    journal.record(events.SignUpLapsed(account=account), now=now)
    return True


def _forget(account: Account) -> None:
    """Its name is free again, and what was typed is gone. Only a row without a name stays, for the journal."""
    name = f"given-up-{account.public_id.hex[:12]}"
    rows = Account.objects.filter(pk=account.pk, last_login=None)
    rows.update(
        is_active=False,
        login_name=name,
        login_key=login_key(account.realm, name),
        first_name="",
        last_name="",
        year_of_birth=None,
        email="",
    )
    for model in (EmailAddress, PhoneDevice):
        model.objects.filter(user=account).delete()
    SecurityAnswer.objects.filter(account=account).delete()
    Signature.objects.filter(account=account).delete()
    account.refresh_from_db()
