"""The list of what is due equals a walk over all rows, for a thousand people made by chance (S3-05). The walk says the
rules once more, row by row, with numbers of its own; it calls no source and shares no query with one."""

import random
import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F

from accessforms.models import Submission
from enrollment.models import Invitation
from identity.models import Account, SuppressedAddress, Ticket, TicketMessage, TicketRead
from identity.record import delivery
from portals.inside.domain import due
from rbac.models import (
    AccessGrant,
    HandOver,
    Mandate,
    Membership,
    Practice,
    PracticeTin,
    PracticeWarning,
    Review,
)
from tests.factories import NOW, people
from tests.portals.test_due import visit

pytestmark = pytest.mark.django_db
PEOPLE, DAY = 1000, timedelta(days=1)
PO, PRO = "provider-online", "optum-pro"
OHID = ("claims", "physician", "trucase", PRO)
ZONES = {"ohid": ZoneInfo("America/Los_Angeles"), PO: ZoneInfo("America/Chicago")}
MANAGERS = ("practice_manager", "site_admin")
NUMBER = re.compile(r"\b(\d+) (?:messages|invitations|vendors)")


# --- by chance --------------------------------------------------------------------------------------------------------
class Chance(random.Random):
    """Rows by chance, of which many lie near the moments that count."""

    def before(self, *days: int) -> datetime:
        """A moment so many days ago, or a second beside it, or somewhere within them."""
        if self.random() < 0.4:
            return NOW - self.choice(days) * DAY + self.choice([-1, 0, 1]) * timedelta(seconds=1)
        return NOW - self.random() * max(days) * 1.3 * DAY

    def day(self) -> date | None:
        return self.choice([None, (NOW + self.randint(-2, 20) * DAY).date()])


@pytest.fixture
def world():
    """The people, each with the grant of the portal whose first screen they look at."""
    chance = Chance(53)
    accounts = _accounts(chance)
    grants = _grants(chance, accounts)
    practices = Practice.objects.bulk_create(Practice(name=f"Practice {number}") for number in range(120))
    for number, practice in enumerate(practices):
        if number % 2:
            PracticeTin.objects.create(
                practice=practice, digits=f"95{number:07d}", kind="EIN", attested_at=NOW, attested_by=accounts[0]
            )
    mandates = _mandates(chance, practices, accounts)
    _memberships(chance, grants, practices, mandates)
    _mail_and_tickets(chance, accounts, practices)
    _requests(chance, accounts)
    _practice_rows(chance, practices, accounts)
    return grants


def _accounts(chance: Chance) -> list[Account]:
    accounts = people(PEOPLE)
    for account in accounts:
        account.realm = chance.choice(["ohid", PO])
        account.login_key = f"{account.realm}:{account.login_name}"
        account.password_changed_at = chance.before(70, 76, 89, 90)
    Account.objects.bulk_update(accounts, ["realm", "login_key", "password_changed_at"])
    return accounts


def _grants(chance: Chance, accounts: list[Account]) -> list[AccessGrant]:
    """The first of each account is the one whose screen it looks at; others rest, have ended, or are nearly unused."""
    rows = []
    for account in accounts:
        keys = [PO] if account.realm == PO else chance.sample(OHID, chance.randint(1, 4))
        for number, key in enumerate(keys):
            used = NOW if number == 0 else chance.before(60, 90)
            row = AccessGrant(account=account, portal_key=key, since=NOW - 200 * DAY, last_used_at=used, origin="form")
            if number and chance.random() < 0.2:
                row.suspended_at = NOW - DAY
            elif number and chance.random() < 0.2:
                row.until = NOW - DAY
            rows.append(row)
    AccessGrant.objects.bulk_create(rows)
    found = {}
    for row in AccessGrant.objects.select_related("account").order_by("pk"):
        found.setdefault(row.account_id, row)
    return list(found.values())


def _mandates(chance: Chance, practices: list[Practice], accounts: list[Account]) -> list[Mandate]:
    rows = []
    for vendor, practice in {tuple(chance.sample(range(len(practices)), 2)) for _ in range(160)}:
        state = chance.choice(["asked", "asked", "agreed", "declined"])
        asked_at = chance.before(30)
        is_agreed = state == "agreed"
        rows.append(
            Mandate(
                vendor=practices[vendor], practice=practices[practice], portal_key=PRO, roles=["billing_specialist"],
                state=state, asked_at=asked_at, asked_by=accounts[0], since=asked_at if is_agreed else None,
                agreed_by=accounts[1] if is_agreed else None, ends_on=chance.day(),
                until=NOW if state == "declined" else None,
            )
        )  # fmt: skip
    return Mandate.objects.bulk_create(rows)


def _memberships(chance: Chance, grants: list[AccessGrant], practices: list[Practice], mandates: list[Mandate]) -> None:
    agreed = [row for row in mandates if row.state == "agreed"]
    rows = []
    for grant in grants:
        if grant.portal_key not in (PO, PRO):
            continue
        for practice in chance.sample(practices, chance.randint(0, 3)):
            role = chance.choice(["administrator", "user"] if grant.portal_key == PO else [*MANAGERS, "front_office"])
            row = Membership(
                grant=grant, practice=practice, role=role, since=NOW - 100 * DAY, origin="staff", ends_on=chance.day()
            )
            if grant.portal_key == PRO and chance.random() < 0.3:
                row.mandate = chance.choice(agreed)
            if chance.random() < 0.1:
                row.suspended_at = NOW
            elif chance.random() < 0.1:
                row.until = NOW
            rows.append(row)
    Membership.objects.bulk_create(rows)


def _mail_and_tickets(chance: Chance, accounts: list[Account], practices: list[Practice]) -> None:
    for account in chance.sample(accounts, 200):
        SuppressedAddress.objects.create(
            address_key=delivery.address_key(account.email), cause=chance.choice(["bounced", "complained"]),
            since=NOW - 3 * DAY, lifted_at=chance.choice([None, NOW - 5 * DAY, NOW - DAY]),
        )  # fmt: skip
    held = by("account", Membership.objects.annotate(account=F("grant__account")))
    for number in range(900):
        account, key = chance.choice(accounts), chance.choice(["", "claims", PO, PRO])
        works_for = [row.practice_id for row in held[account.pk]]
        practice = chance.choice([*works_for, chance.choice(practices).pk]) if key in (PO, PRO) else None
        ticket = Ticket.objects.create(
            number=f"K-{number:04d}", account=account, portal_key=key, topic="other",
            practice_id=practice, for_practice=practice is not None and chance.random() < 0.6,
            opened_at=NOW - 9 * DAY, status_since=chance.before(8),
        )  # fmt: skip
        said = [
            TicketMessage.objects.create(
                ticket=ticket, is_staff=bool(chance.randint(0, 1)), text="x", created_at=NOW - DAY
            )
            for _ in range(chance.randint(1, 3))
        ]
        if chance.random() < 0.5:
            reader = account if chance.random() < 0.8 else accounts[0]
            TicketRead.objects.create(ticket=ticket, account=reader, read_to=chance.choice(said).pk)


def _requests(chance: Chance, accounts: list[Account]) -> None:
    rows = []
    for number in range(1200):
        account = chance.choice([one for one in accounts[:500] if one.realm == "ohid"])
        state = chance.choice(["submitted", "fax received", "returned", "returned", "approved", "expired"])
        rows.append(
            Submission(
                reference=f"RRRR{number:04d}".translate(str.maketrans('01', 'AB')), account=account, portal_key=chance.choice(["claims", "physician", PRO]),
                state=state, created_at=NOW, saved_at=NOW, state_since=chance.before(30),
            )
        )  # fmt: skip
    Submission.objects.bulk_create(rows)


def _practice_rows(chance: Chance, practices: list[Practice], accounts: list[Account]) -> None:
    runs = list(Membership.objects.filter(role="administrator").select_related("grant"))
    for number in range(700):
        row = chance.choice(runs)
        state = chance.choice(["sent", "sent", "sent", "canceled"])
        Invitation.objects.create(
            kind=chance.choice(["office user", "office user", "administrator"]), portal_key=PO,
            practice_id=row.practice_id, role="user", email=f"i{number}@example.org",
            owner_id=row.grant.account_id if chance.random() < 0.8 else chance.choice(accounts).pk, state=state,
            created_at=NOW - 20 * DAY, last_sent_at=chance.before(3, 7), ended_at=None if state == "sent" else NOW,
        )  # fmt: skip
    for practice in practices:
        where = {"practice": practice, "portal_key": chance.choice([PO, PO, PRO])}
        opened = chance.before(30)
        state = chance.choice(["open", "open", "answered"])
        Review.objects.create(
            **where, state=state, opened_at=opened, due_at=opened + 30 * DAY, ended_at=None if state == "open" else NOW
        )
        PracticeWarning.objects.create(
            **where, state=chance.choice(["fine", "one near", "one left", "ending"]), created_at=NOW - 2 * DAY,
            over_at=chance.choice([None, NOW - DAY]),
        )  # fmt: skip
        one, other = chance.sample([row for row in accounts if row.realm == PO], 2)
        state = chance.choice(["signed", "signed", "declined"])
        HandOver.objects.create(
            **where, from_account=one, to_account=other, state=state, asked_at=chance.before(7), from_name="x",
            from_signed_at=NOW, ended_at=None if state == "signed" else NOW,
        )  # fmt: skip


def by(column: str, rows) -> defaultdict:
    """Rows in memory, by a column."""
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


# --- the walk ---------------------------------------------------------------------------------------------------------
class Walk:
    """All rows of all tables, in memory; what is due to one person is read off them."""

    def __init__(self) -> None:
        self.grants = by("account_id", AccessGrant.objects.all())
        self.memberships = by("grant_id", Membership.objects.select_related("mandate"))
        self.attested = set(PracticeTin.objects.filter(attested_at__isnull=False).values_list("practice_id", flat=True))
        self.stopped = by("address_key", SuppressedAddress.objects.all())
        self.tickets = list(Ticket.objects.all())
        self.messages = by("ticket_id", TicketMessage.objects.all())
        self.reads = {(row.ticket_id, row.account_id): row.read_to for row in TicketRead.objects.all()}
        self.requests = by("account_id", Submission.objects.all())
        self.invitations = by("practice_id", Invitation.objects.all())
        self.reviews = list(Review.objects.all())
        self.warnings = list(PracticeWarning.objects.all())
        self.hand_overs = list(HandOver.objects.all())
        self.mandates = list(Mandate.objects.all())

    def of(self, grant: AccessGrant) -> list[tuple[date, str, bool, int]]:
        """What is due on the first screen behind a grant: day, address, whether it only waits, how many it counts."""
        self.account, self.key, self.zone = grant.account, grant.portal_key, ZONES[grant.account.realm]
        self.today = self._day(NOW)
        counting = [row for row in self.memberships[grant.pk] if self._counts(row)]
        found = [
            *self._account(),
            *self._answers(counting),
            *self._elsewhere(grant),
            *self._last_days(counting),
            *self._requests(),
        ]
        if self.key == PO:
            found += self._practices({row.practice_id for row in counting if row.role == "administrator"})
        if self.key == PRO:
            found += self._asked_mandates(counting)
        return sorted(found)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _counts(self, row: Membership) -> bool:
        over = row.until or row.suspended_at or (row.ends_on and row.ends_on < self.today)
        mandate = row.mandate
        lost = mandate and (mandate.state != "agreed" or (mandate.ends_on and mandate.ends_on < self.today))
        return not over and not lost

    def _account(self):
        ends = self.account.password_changed_at + 90 * DAY
        if ends - 14 * DAY <= NOW:
            yield self._day(ends), "/id/profile/password/", False, 1
        for row in self.stopped[delivery.address_key(self.account.email)]:
            if row.lifted_at is None or row.lifted_at < row.since:
                yield self._day(row.since), "/id/profile/addresses/", True, 1

    def _answers(self, counting: list[Membership]):
        works_for, runs = {row.practice_id for row in counting}, self._runs(counting)
        unread = []
        for row in self.tickets:
            is_own = row.account_id == self.account.pk
            if row.portal_key != self.key:
                sees = is_own and not row.for_practice
            else:
                sees = is_own and (not row.for_practice or row.practice_id in works_for)
                sees = sees or (row.for_practice and row.practice_id in runs)
            if sees and self._is_unread(row):
                unread.append(row)
        if unread:
            first = min(unread, key=lambda row: row.status_since)
            here = all(row.portal_key == self.key for row in unread)
            path = f"/p/{self.key}/messages/" if here else "/id/tickets/"
            tail = f"{first.number}/" if len(unread) == 1 else ""
            yield self._day(first.status_since), path + tail, True, len(unread)

    def _runs(self, counting: list[Membership]) -> set[int]:
        own = [row for row in counting if row.mandate_id is None]
        managed = {row.practice_id for row in own if row.role in MANAGERS and row.practice_id in self.attested}
        return managed | {row.practice_id for row in own if row.role == "administrator"}

    def _is_unread(self, ticket: Ticket) -> bool:
        read = self.reads.get((ticket.pk, self.account.pk), 0)
        return any(one.is_staff and one.pk > read for one in self.messages[ticket.pk])

    def _elsewhere(self, here: AccessGrant):
        for row in self.grants[self.account.pk]:
            is_open = row.pk != here.pk and not (row.until or row.suspended_at)
            if is_open and 60 * DAY <= NOW - row.last_used_at < 90 * DAY:
                yield self._day(row.last_used_at + 90 * DAY), f"/p/{row.portal_key}/home/", False, 1

    def _last_days(self, counting: list[Membership]):
        for row in counting:
            ends = [day for day in (row.ends_on, row.mandate and row.mandate.ends_on) if day]
            if ends and min(ends) <= self.today + 14 * DAY:
                yield min(ends), f"/p/{self.key}/who-controls-my-access/", False, 1

    def _requests(self):
        for row in self.requests[self.account.pk]:
            waits = row.state == "returned" or (row.state == "submitted" and row.portal_key != PRO)
            if waits and NOW - row.state_since < 30 * DAY:
                tail = "edit/" if row.state == "returned" else ""
                yield self._day(row.state_since + 30 * DAY), f"/requests/{row.reference}/{tail}", False, 1

    def _practices(self, run: set[int]):
        for practice in run:
            path = f"/p/{PO}/security/{practice}/"
            ended = [row for row in self.invitations[practice] if self._has_ended_link(row)]
            if ended:
                first = min(row.last_sent_at for row in ended)
                yield self._day(first + 7 * DAY), f"{path}pending/", False, len(ended)
            for row in self.reviews:
                if (row.practice_id, row.portal_key, row.state) == (practice, PO, "open") and row.due_at > NOW:
                    yield self._day(row.due_at), f"{path}review/", False, 1
            for row in self.warnings:
                if (row.practice_id, row.portal_key, row.over_at) == (practice, PO, None) and row.state != "fine":
                    yield self._day(row.created_at), f"{path}health/", True, 1
        for row in self.hand_overs:
            asked = row.to_account_id == self.account.pk and row.portal_key == PO and row.state == "signed"
            if asked and NOW - row.asked_at < 7 * DAY:
                yield self._day(row.asked_at + 7 * DAY), f"/p/{PO}/hand-over/{row.pk}/", False, 1

    def _has_ended_link(self, row: Invitation) -> bool:
        is_own = row.owner_id == self.account.pk and row.kind == "office user" and row.state == "sent"
        return is_own and 3 * DAY <= NOW - row.last_sent_at < 7 * DAY

    def _asked_mandates(self, counting: list[Membership]):
        signed_for = {
            row.practice_id
            for row in counting
            if row.role in MANAGERS and row.mandate_id is None and row.practice_id in self.attested
        }
        asked = [
            row
            for row in self.mandates
            if row.practice_id in signed_for and row.state == "asked" and NOW - row.asked_at < 30 * DAY
            and not (row.ends_on and row.ends_on < self.today)
        ]  # fmt: skip
        if asked:
            first = min(row.asked_at for row in asked)
            yield self._day(first + 30 * DAY), f"/p/{PRO}/on-our-behalf/", False, len(asked)


def _number(text: str) -> int:
    found = NUMBER.search(text)
    return int(found[1]) if found else 1


def test_the_list_equals_a_walk_over_all_rows(world, django_assert_num_queries):
    walk, kinds = Walk(), set()
    for grant in world:
        seen = visit(grant)
        list(seen.memberships)
        with django_assert_num_queries(1):
            found, new = due.of(seen)
        told = [(one.day, one.address, one.waits, _number(one.text)) for one in found]
        assert sorted(told) == walk.of(grant), (grant.pk, grant.portal_key)
        assert [one.day for one in found] == sorted(one.day for one in found)
        assert new == []
        kinds |= {re.sub(r"[A-Z0-9-]*\d[A-Z0-9-]*/", "", one.address.replace(grant.portal_key, "")) for one in found}
    assert len(world) == PEOPLE
    assert len(kinds) >= 15, kinds  # the walk met every rule
