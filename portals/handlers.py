"""What the portals do when something happens to access: they know the portals' names, rbac does not."""

from datetime import datetime

from identity.domain import journal, outbox
from portals import registry
from portals.messages import AccessGivenMail
from rbac.events import AccessGranted


def tell_of_access(event: AccessGranted, now: datetime) -> None:
    """Tell the person, unless a form was approved: that decision has its own mail."""
    portal = registry.portals().get(event.portal_key)
    if portal is None or portal.approval != "service desk" or event.account is None or event.about is None:
        return
    message = AccessGivenMail(account_id=event.account.pk, portal_key=portal.key, grant=event.about.pk)
    outbox.enqueue(message, now=now)


journal.subscribe(AccessGranted, tell_of_access)
