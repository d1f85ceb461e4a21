"""Whether somebody agreed that an application learns about them: given, listed, taken back."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from identity.models import Account
from identity.record import journal
from portals import events
from portals.models import Application, Consent, OidcSession
from portals.oidc import oidc_sessions


def covers(*, account: Account, application: Application, scopes: list[str]) -> bool:
    """Whether what is asked for now was agreed to before."""
    given = Consent.objects.filter(account=account, application=application, revoked_at=None).first()
    return given is not None and set(scopes) <= set(given.scopes)


@transaction.atomic
def give(*, account: Account, application: Application, scopes: list[str], now: datetime) -> None:
    """The person agrees; what they agreed to before stays."""
    own = Consent.objects.select_for_update().filter(account=account, application=application, revoked_at=None)
    given = own.first()
    if given is None:
        Consent.objects.create(account=account, application=application, scopes=sorted(scopes), given_at=now)
    elif set(scopes) <= set(given.scopes):
        return
    else:
        own.update(scopes=sorted({*given.scopes, *scopes}), given_at=now)
    journal.record(
        events.ConsentGiven(account=account, by=account, application=application.key, scopes=sorted(scopes)), now=now
    )


@transaction.atomic
def revoke(*, account: Account, application: Application, now: datetime) -> bool:
    """Take it back: every sign-on there ends, and the next one asks again. False when there was none."""
    found = Consent.objects.filter(account=account, application=application, revoked_at=None).update(revoked_at=now)
    oidc_sessions.end(oidc_sessions.live(account).filter(application=application), now=now)
    if found:
        journal.record(events.ConsentRevoked(account=account, by=account, application=application.key), now=now)
    return bool(found)


def for_account(account: Account) -> list[Consent]:
    """What the person agreed to, newest first, each with when they last signed on there (`last_oidc_session`)."""
    own = OidcSession.objects.filter(account=OuterRef("account"), application=OuterRef("application"))
    given = Consent.objects.filter(account=account, revoked_at=None).select_related("application__client")
    last = Subquery(own.order_by("-begun_at").values("begun_at")[:1])
    return list(given.annotate(last_oidc_session=last).order_by("-given_at", "-pk"))
