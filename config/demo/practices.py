"""What the demo's administrator of a practice finds: invitations that wait, bounced, came to the end of their link, or
lapsed. And a practice that asks for its first administrators."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account

ADMINISTRATOR = "kim"
PORTAL, NAME = "provider-online", "Lakeside Clinic"
# First and last name, address, and how many lives of a link ago it was sent.
INVITED = (
    ("Nora", "Lindqvist", "nora.lindqvist@example.org", 0),
    ("Ben", "Marsh", "bounce@example.org", 0),  # the demo's mail server refuses it
    ("Gil", "Torres", "gil.torres@example.org", 1),
    ("Ada", "Flint", "ada.flint@example.org", 3),
)


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do."""
    from enrollment.domain import invitations
    from enrollment.domain.invitations import Invitee
    from enrollment.models import Kind
    from identity.policy import lifecycle
    from rbac import roles
    from rbac.domain import grants, memberships
    from rbac.models import Origin, Practice

    kim = accounts[ADMINISTRATOR]
    practice = Practice.objects.create(name=NAME, city="Milwaukee", state="WI", created_at=now)
    grant = grants.current(account=kim, portal_key=PORTAL)
    assert grant is not None
    memberships.open(
        grant=grant, practice=practice, role=roles.ADMINISTRATOR, origin=Origin.STAFF, reason="demo", by=None, now=now
    )
    for first, last, address, ago in INVITED:
        invitee = Invitee(email=address, first_name=first, last_name=last)
        sent = now - ago * lifecycle.after("invitation_link")
        invitations.invite(
            kind=Kind.OFFICE_USER, invitee=invitee, portal_key=PORTAL, practice=practice, role=roles.USER,
            owner=kim, by=kim, now=sent,
        )  # fmt: skip
    invitations.lapse_due(now=now)
    _ask_for_administrators(now)


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
