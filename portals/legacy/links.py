"""Linking an old account to an ID, once: at most one person an old account, at most one of a source a person.

It opens the portal that the old account belonged to, with the rights it carried (C14, S0-02), unless staff had ended
that access: then a ticket asks the service desk. A second claim changes nothing: the service desk gets a ticket, and
the first owner is told.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from identity.models import Account, Ticket
from identity.notices import tickets
from identity.record import journal, outbox
from portals import events, registry
from portals.legacy.messages import LegacyClaimedMail, LegacyLinkedMail, OldAddressMail
from portals.models import LegacyAccount, LinkRequest
from portals.models.legacy import login_key
from portals.spec import PortalSpec
from rbac.domain import grants
from rbac.models import AccessGrant, Origin

Way = LegacyAccount.LinkedBy


class WrongRealm(Exception):
    """The ID belongs to another realm than the portal."""


class AlreadyLinked(Exception):
    """The old account is somebody else's, or the ID has another one: nothing was changed, `ticket` is open."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.number)
        self.ticket = ticket


class _Taken(Exception):
    pass


def is_wanted(*, account: Account, portal: PortalSpec) -> bool:
    """Whether the account could link an old account of this portal: of its source it has none yet."""
    source = portal.legacy
    if source is None or source.realm_account or account.realm != portal.realm:
        return False
    return not LegacyAccount.objects.linked_to(account, source.key).exists()


@transaction.atomic
def request(*, legacy: LegacyAccount, now: datetime) -> LinkRequest:
    """The old sign-in was right, and its person goes on to the ID (S0-06, C25). It counts once for each old account."""
    row, created = LinkRequest.objects.get_or_create(
        legacy=legacy, defaults={"source": legacy.source, "login_key": legacy.login_key, "asked_at": now}
    )
    if created:
        journal.record(events.LinkRequested(account=None, about=legacy, source=legacy.source), now=now)
    return row


def link(*, legacy: LegacyAccount, account: Account, way: str, now: datetime) -> Ticket | None:
    """Link the old account to the ID of the person who has just proved both (S0-31, S1-07, S1-11, D-06).

    Answers the ticket that asks the service desk about access that staff had ended, if there is any such. Raises
    WrongRealm, or AlreadyLinked with the number of the ticket that was opened.
    """
    portal = registry.of_source(legacy.source)
    if account.realm != portal.realm:
        raise WrongRealm
    try:
        ticket = _link(legacy, account, portal, way, now=now)
    except _Taken as error:
        raise AlreadyLinked(_conflict(legacy, account, portal, now=now)) from error
    legacy.refresh_from_db()
    return ticket


@transaction.atomic
def _link(legacy: LegacyAccount, account: Account, portal: PortalSpec, way: str, *, now: datetime) -> Ticket | None:
    Account.objects.select_for_update().get(pk=account.pk)  # of two old accounts at once one comes after the other
    own = LegacyAccount.objects.linked_to(account, legacy.source).first()
    if own is not None and own.pk == legacy.pk:
        return None  # pressed twice
    if own is not None:
        raise _Taken
    free = LegacyAccount.objects.unlinked().filter(pk=legacy.pk)
    if not free.update(account=account, linked_at=now, linked_by=way):
        raise _Taken
    told = events.LegacyLinked(account=account, by=account, about=legacy, source=legacy.source, way=way)
    entry = journal.record(told, now=now)
    closed = open_portals(legacy=legacy, account=account, portal=portal, origin=Origin.LEGACY_ACCOUNT, now=now)
    for grant in AccessGrant.objects.current().filter(account=account, portal_key__in=could_open(portal)):
        remember_name(grant)  # access that a form gave before (S1-06)
    outbox.enqueue(LegacyLinkedMail(account_id=account.pk, legacy=legacy.pk, entry=entry.pk), now=now)
    if legacy.email and not EmailAddress.objects.filter(user=account, email=legacy.email, verified=True).exists():
        # Whoever owns the old account may be somebody else: an old password is easier to come by than an ID.
        outbox.enqueue(OldAddressMail(account_id=account.pk, legacy=legacy.pk, entry=entry.pk), now=now)
    return _ask_desk(legacy, account, portal, closed, now=now) if closed else None


def opened_by(legacy: LegacyAccount, portal: PortalSpec) -> dict[str, list[str]]:
    """Which portals of ours an old account opens, and with which rights."""
    if registry.parts_of(portal.key):
        opens = portal.legacy.opens if portal.legacy else ()
        return {key: [] for right, key in opens if right in legacy.capabilities}
    known = portal.capabilities
    return {portal.key: [right for right in legacy.capabilities if right in known]}


def could_open(portal: PortalSpec) -> list[str]:
    """Every portal of ours that some old account of this portal opens, whatever a list says of a single one."""
    if registry.parts_of(portal.key):
        return [key for _right, key in portal.legacy.opens] if portal.legacy else []
    return [portal.key]


def sources_of(portal_keys: Collection[str]) -> list[str]:
    """Whose old accounts open one of these portals."""
    sources = registry.with_old_accounts().items()
    return [key for key, portal in sources if not set(portal_keys).isdisjoint(could_open(portal))]


def accounts_by_old_name(portal: PortalSpec, old_names: Iterable[str]) -> dict[str, set[int]]:
    """The IDs that old user names of this portal are linked to: none or one for each of its sources."""
    keys = {name: login_key(name) for name in old_names}
    rows = LegacyAccount.objects.filter(
        source__in=sources_of([portal.key]), login_key__in=keys.values(), account__isnull=False
    )
    linked = list(rows.values_list("login_key", "account"))
    return {name: {account for found, account in linked if found == key} for name, key in keys.items()}


def remember_name(grant: AccessGrant) -> None:
    """A grant that an approved form or the desk gives also says which old name the person had there: applications are
    told it whatever the grant came of."""
    sources = sources_of([grant.portal_key])
    linked = LegacyAccount.objects.filter(account=grant.account_id, source__in=sources).first()
    if linked is not None and "legacy_user_name" not in grant.attributes:
        grants.annotate(grant=grant, facts={"legacy_user_name": linked.login_name})


def open_portals(
    *, legacy: LegacyAccount, account: Account, portal: PortalSpec, origin: Origin, now: datetime
) -> list[str]:
    """Give what the old account was let into, within the caller's transaction. A grant that is there stays, with what
    it lacked; it remembers what it has from the old account. Answers the portals that stay closed: an old password
    does not undo what staff decided."""
    closed = []
    for key, rights in opened_by(legacy, portal).items():
        facts: dict[str, Any] = {"legacy_user_name": legacy.login_name}
        grant = AccessGrant.objects.current().in_portal(key).filter(account=account).first()
        if grant is None and grants.is_shut_out(account=account, portal_key=key):
            closed.append(key)
            continue
        if grant is None:
            grants.give(
                account=account,
                portal_key=key,
                attributes=facts,
                capabilities=rights,
                origin=origin,
                origin_key=str(legacy.pk),
                by=None,
                now=now,
            )
            continue
        facts["legacy_rights"] = grants.give_capabilities(
            grant=grant, capabilities=rights, reason=str(origin.label), by=None, now=now
        )
        grants.annotate(grant=grant, facts=facts)
    return closed


def _ask_desk(
    legacy: LegacyAccount, account: Account, portal: PortalSpec, closed: list[str], *, now: datetime
) -> Ticket:
    """A ticket of the person, who reads it too: the service desk opens the portals by hand, or answers why not."""
    assert portal.legacy is not None
    names = ", ".join(registry.name_of(key) for key in closed)
    text = (
        f'The old account "{legacy.login_name}" of {portal.legacy.name} is tied to this ID. Staff ended its access to'
        f" {names} earlier, so that was not opened again: the service desk decides."
    )
    return tickets.open_or_add(account=account, topic=Ticket.Topic.ACCESS, text=text, now=now)


@transaction.atomic
def _conflict(legacy: LegacyAccount, account: Account, portal: PortalSpec, *, now: datetime) -> Ticket:
    """A ticket of the person who came second; the first one is told, once a ticket. Neither learns who the other is."""
    assert portal.legacy is not None
    # Read by the service desk, and by the person: it says what they did, not what we know.
    text = f'Tying the old account "{legacy.login_name}" of {portal.legacy.name} to this ID was refused.'
    ticket = tickets.open_or_add(account=account, topic=Ticket.Topic.ACCESS, text=text, now=now)
    told = events.LegacyClaimed(account=account, by=account, about=legacy, source=legacy.source, ticket=ticket.number)
    journal.record(told, now=now)
    LegacyAccount.objects.filter(pk=legacy.pk).update(second_claim=ticket)
    owner = LegacyAccount.objects.filter(pk=legacy.pk).values_list("account", flat=True).first()
    if owner is not None and owner != account.pk:
        outbox.enqueue(LegacyClaimedMail(account_id=owner, legacy=legacy.pk, ticket=ticket.number), now=now)
    return ticket
