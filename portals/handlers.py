"""What the portals do when something happens to access: they know the portals' names, rbac does not."""

from datetime import datetime

from identity.domain import journal, outbox
from portals import registry
from portals.domain import links
from portals.messages import AccessGivenMail
from rbac.events import AccessGranted


def tell_of_access(event: AccessGranted, now: datetime) -> None:
    """Tell the person, unless a form was approved or an old account was tied: those have mails of their own."""
    portal = registry.portals().get(event.portal_key)
    if portal not in registry.opened_by_staff() or event.because_of == links.BECAUSE:
        return
    if event.account is None or event.about is None:
        return
    message = AccessGivenMail(account_id=event.account.pk, portal_key=portal.key, grant=event.about.pk)
    outbox.enqueue(message, now=now)


journal.subscribe(AccessGranted, tell_of_access)
