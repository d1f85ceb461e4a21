"""What the demo's administrators of practices find: people in every standing, a hand-over that lacks a signature,
invitations that wait, bounced, came to the end of their link, or lapsed; a review to answer. And a practice that asks
for its first administrators."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account
    from rbac.models import Practice

PORTAL = "provider-online"
LAKESIDE = "Lakeside Clinic"
ADMINISTRATOR, FOLLOWER = "kim", "ruth"  # who hands over to whom
FOUNDED, JOINED = 200, 30  # days ago
ENDS_WITHIN = 2  # minutes: the mail still goes out, and whoever follows it later reads that it ended
# Name, tax ID, street, zip, phone, and its administrators with how many days they have run it.
PRACTICES = (
    (LAKESIDE, "391000001", "1 Lake Drive", "53202", "4145550100", (("kim", 200), ("gus", 80))),
    ("Abrams Family Medicine", "391000002", "48 Elm Street", "53204", "4145550101", (("sol", 200),)),
    ("Riverbend Therapy", "391000003", "7 River Road", "53212", "4145550102", (("uma", 200),)),
    ("Riverbend Rehab", "391000004", "9 River Road", "53212", "4145550103", (("uma", 200),)),
)
# Users of Lakeside Clinic, and in how many days their last day is.
USERS = (("ruth", None), ("sara", None), ("theo", 10), ("wes", None), ("uma", None))
REVIEWED = "Riverbend Therapy"  # its yearly review is open
# Who works there, of what that came, and how many days ago they used it last; None: never, or today.
REVIEWED_USERS = (("una", "staff", 100), ("jon", "form", 1), ("wes", "staff", None), ("ruth", "staff", None))
USED_TODAY = ("kim", "ruth", "sara", "theo", "uma", "sol")
DEACTIVATED = "sara"
# First and last name, address, and how long ago it was sent in lives of a link.
INVITED = (
    ("Nora", "Lindqvist", "nora.lindqvist@example.org", 0),
    ("Ben", "Marsh", "bounce@example.org", 0),  # the demo's mail server refuses it
    ("Gil", "Torres", "gil.torres@example.org", 1),
    ("Ada", "Flint", "ada.flint@example.org", 3),
)


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do."""
    found = {facts[0]: _found(*facts, accounts=accounts, now=now) for facts in PRACTICES}
    practice = found[LAKESIDE]
    _let_users_join(practice, accounts, now)
    _let_work(found[REVIEWED], accounts, now)
    for login_name in USED_TODAY:
        _use(accounts[login_name], now)
    _deactivate(practice, accounts, now)
    _invite(practice, accounts[ADMINISTRATOR], now)
    _write(practice, accounts, now)
    _hand_over(practice, accounts, now)
    _review(found[REVIEWED], now)
    _ask_for_administrators(now)


def _write(practice: "Practice", accounts: dict[str, "Account"], now: datetime) -> None:
    """A question about the practice, answered to whoever runs it too; and what somebody thinks of a page."""
    from config.demo.work import DESK
    from identity.models import Contact
    from identity.notices import tickets
    from portals import registry
    from portals.inside.domain import feedback

    ticket = tickets.ask(
        account=accounts[FOLLOWER], portal_key=PORTAL, queue=PORTAL, practice_id=practice.pk, topic="practice",
        subject="Our address", text="We move on Monday. Who changes our address?", contact=Contact(language="en"),
        page=f"/p/{PORTAL}/home/", now=now,
    )  # fmt: skip
    tickets.reply(ticket=ticket, text="We do. What is the new one, please?", by=accounts[DESK], now=now)
    words = "I look for the fax number and do not find it here."
    feedback.give(portal=registry.get(PORTAL), page=f"/p/{PORTAL}/guide/", text=words, by=None, now=now)


def _found(
    name: str, tin: str, street: str, zip_code: str, phone: str, administrators: tuple[tuple[str, int], ...],
    *, accounts: dict[str, "Account"], now: datetime,
) -> "Practice":  # fmt: skip
    """A practice that staff have checked, and who runs its users."""
    from config.demo.work import DESK
    from rbac import roles
    from rbac.domain import grants, memberships, practices
    from rbac.models import Origin

    since = now - timedelta(days=FOUNDED)
    tins = practices.of_tins(name=name, tins=[(tin, "EIN")], origin=Origin.STAFF, origin_key="demo", now=since)
    practices.attest(tins=tins, reason="demo", by=accounts[DESK], now=since)
    details = {"address_1": street, "city": "Milwaukee", "state": "WI", "zip": zip_code, "phone": phone}
    practice = practices.fill_in(practice=tins[0].practice, details=details, now=since)
    for login_name, days in administrators:
        grant = grants.current(account=accounts[login_name], portal_key=PORTAL)
        assert grant is not None
        memberships.open(
            grant=grant, practice=practice, role=roles.ADMINISTRATOR, origin=Origin.STAFF, reason="demo", by=None,
            now=now - timedelta(days=days),
        )  # fmt: skip
    return practice


def _let_users_join(practice: "Practice", accounts: dict[str, "Account"], now: datetime) -> None:
    """Each was invited by the administrator, and accepted with the account that they had."""
    from django.utils import timezone

    from enrollment.domain import acceptance, people
    from enrollment.domain.invitations import Invitee
    from enrollment.domain.people import Office

    office, then = Office(practice=practice, portal_key=PORTAL), now - timedelta(days=JOINED)
    for login_name, days in USERS:
        account = accounts[login_name]
        ends_on = None if days is None else timezone.localdate(now) + timedelta(days=days)
        invitee = Invitee(
            email=account.email, first_name=account.first_name, last_name=account.last_name, ends_on=ends_on
        )
        invitation = people.create(office=office, invitee=invitee, by=accounts[ADMINISTRATOR], now=then)
        acceptance.accept_as_existing(invitation=invitation, account=account, proof=None, now=then)


def _use(account: "Account", now: datetime) -> None:
    from rbac.domain import grants

    grant = grants.current(account=account, portal_key=PORTAL)
    assert grant is not None
    grants.note_use(grant=grant, now=now)


def _deactivate(practice: "Practice", accounts: dict[str, "Account"], now: datetime) -> None:
    from enrollment.domain import people
    from enrollment.domain.people import Office

    office = Office(practice=practice, portal_key=PORTAL)
    rests = office.current().get(grant__account=accounts[DEACTIVATED])
    people.deactivate(office=office, pk=rests.pk, by=accounts[ADMINISTRATOR], now=now)


def _invite(practice: "Practice", kim: "Account", now: datetime) -> None:
    from enrollment.domain import invitations, people
    from enrollment.domain.invitations import Invitee
    from enrollment.domain.people import Office
    from identity.policy import lifecycle

    office = Office(practice=practice, portal_key=PORTAL)
    for first, last, address, ago in INVITED:
        sent = now - ago * lifecycle.after("invitation_link") + timedelta(minutes=ENDS_WITHIN if ago else 0)
        invitee = Invitee(email=address, first_name=first, last_name=last)
        people.create(office=office, invitee=invitee, by=kim, now=sent)
    invitations.lapse_due(now=now)


def _hand_over(practice: "Practice", accounts: dict[str, "Account"], now: datetime) -> None:
    """One of two signatures."""
    from enrollment.domain.people import Office
    from rbac.domain import hand_overs

    kim, users = accounts[ADMINISTRATOR], Office(practice=practice, portal_key=PORTAL).current()
    hand_overs.ask(
        practice=practice, portal_key=PORTAL, to=users.get(grant__account=accounts[FOLLOWER]).pk, stays=True,
        typed_name=kim.get_full_name(), by=kim, now=now,
    )  # fmt: skip


def _let_work(practice: "Practice", accounts: dict[str, "Account"], now: datetime) -> None:
    """Somebody not there for long, somebody never there, somebody who came by a form, and one who is there daily."""
    from rbac import roles
    from rbac.domain import grants, memberships
    from rbac.models import Origin

    for login_name, origin, used in REVIEWED_USERS:
        grant = grants.current(account=accounts[login_name], portal_key=PORTAL)
        assert grant is not None
        memberships.open(
            grant=grant, practice=practice, role=roles.USER, origin=Origin(origin), reason="demo", by=None,
            now=now - timedelta(days=JOINED),
        )  # fmt: skip
        if used is not None:
            grants.note_use(grant=grant, now=now - timedelta(days=used))


def _review(practice: "Practice", now: datetime) -> None:
    """Opened ahead of its year."""
    from rbac.domain import reviews

    reviews.begin(practice=practice, portal_key=PORTAL, now=now)


def _ask_for_administrators(now: datetime) -> None:
    """A request whose mailbox is proved: it waits for Provider Services."""
    from enrollment.domain import administrator_requests
    from enrollment.domain.administrator_requests import Application
    from enrollment.models import Applicant

    application = Application(
        primary=Applicant(first_name="Paula", last_name="Prime", phone="4145550131", email="paula.prime@example.org"),
        secondary=Applicant(first_name="Sam", last_name="Sorensen", phone="4145550132", email="sam@example.org"),
        practice_name="Harborview Pediatrics", address_1="12 Harbor Drive", address_2="", city="Milwaukee",
        practice_state="WI", zip="53202", phone="4145550130", fax="", tin="391234567", tin_kind="EIN",
        has_more_locations=False,
    )  # fmt: skip
    asked = administrator_requests.ask(application=application, portal_key=PORTAL, language="en", now=now)
    administrator_requests.prove(request=asked, proof=None, now=now)
