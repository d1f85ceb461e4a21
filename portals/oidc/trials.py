"""The end of a test sign-in by a member of staff."""

from datetime import datetime

from django.db import transaction

from identity.models import Account
from identity.record import journal
from portals import events
from portals.models import Application, OidcSession
from portals.oidc.token_context import TokenContext


@transaction.atomic
def finish(
    *, application: Application, oidc_session: TokenContext | None, outcome: str, by: Account, now: datetime
) -> None:
    """End the sign-on of the test and say in the journal how it went. The application never heard of it, and so is not
    told that it ends either."""
    if oidc_session is not None:
        OidcSession.objects.filter(pk=oidc_session.pk, ended_at=None).update(ended_at=now)
    event = events.ApplicationTried(
        account=None, by=by, about=application, application=application.key, outcome=outcome
    )
    journal.record(event, now=now)
