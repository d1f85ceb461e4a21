"""Linking an old account whose password is forgotten: by a link to the address that the old account has (D-20).

Whatever name is typed, the same rows are written and the same page answers; the name is looked up when the mail is
made. The link works for the ID that asked, while it is signed in, and for nobody else.
"""

from datetime import datetime

from django.db import transaction

from identity.codes import codes
from identity.models import Account, Challenge, Ticket
from identity.record import journal, outbox
from portals import events
from portals.legacy import links
from portals.legacy.messages import LinkMail
from portals.models import LegacyAccount, LinkRequest
from portals.models.legacy import MAX_LENGTH_OF_KEY, login_key
from portals.spec import LegacySource


@transaction.atomic
def ask(*, account: Account, source: LegacySource, login_name: str, now: datetime) -> LinkRequest:
    """Send the link, if there is such an old account and it has an address. Raises codes.TooManySendings."""
    key = login_key(login_name)[:MAX_LENGTH_OF_KEY]
    row = LinkRequest(source=source.key, login_key=key, account=account, asked_at=now)
    row.challenge = codes.issue(account=account, purpose="link", target=row.target, channel="mail", now=now).pk
    row.save()
    journal.record(events.LinkRequested(account=account, by=account, about=row, source=source.key), now=now)
    outbox.enqueue(LinkMail(account_id=account.pk, request=str(row.pk)), now=now)
    return row


def find(token: str, *, account: Account, now: datetime) -> tuple[Challenge, LegacyAccount]:
    """The old account that a mailed link is for. Raises codes.CodeEnded: too old, used, a newer one was sent, made
    for another ID, or none of ours."""
    challenge = codes.find(token, "link")
    if challenge is None or challenge.account_id != account.pk or not codes.is_alive(challenge, now=now):
        raise codes.CodeEnded
    row = LinkRequest.objects.filter(challenge=challenge.pk, account=account).first()
    legacy = LegacyAccount.objects.with_own_address(row.source, row.login_key) if row else None
    if row is None or legacy is None or not codes.is_for(challenge, row.target):
        raise codes.CodeEnded
    return challenge, legacy


def link(*, challenge: Challenge, legacy: LegacyAccount, account: Account, now: datetime) -> Ticket | None:
    """Use the link up and link, as links.link. Raises codes.CodeEnded, links.WrongRealm or links.AlreadyLinked."""
    codes.use(challenge, now=now)  # on its own: a second claim is written, and the link is used all the same
    return links.link(legacy=legacy, account=account, way=links.Way.MAILED_PROOF, now=now)
