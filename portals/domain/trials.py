"""The end of a test sign-in by a member of staff."""

from datetime import datetime

from django.db import transaction

from identity.domain import journal
from identity.models import Account
from portals import events
from portals.domain.standing import Standing
from portals.models import Application, SignOn


@transaction.atomic
def finish(*, application: Application, sign_on: Standing | None, outcome: str, by: Account, now: datetime) -> None:
    """End the sign-on of the test and say in the journal how it went. The application never heard of it, and so is not
    told that it ends either."""
    if sign_on is not None:
        SignOn.objects.filter(pk=sign_on.pk, ended_at=None).update(ended_at=now)
    event = events.ApplicationTried(
        account=None, by=by, about=application, application=application.key, outcome=outcome
    )
    journal.record(event, now=now)
