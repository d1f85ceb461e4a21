"""Invitations of each kind, and the pages behind their links."""

from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from enrollment.domain import invitation_links, invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Invitation, Kind
from identity.accounts import agreements
from identity.models import Account
from rbac.domain import grants, memberships
from rbac.models import Origin, Practice
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, PASSWORD, AccountFactory

PORTAL = "provider-online"
PHONE = "(414) 555-0123"
NAME = {"first_name": "Nora", "last_name": "Office"}


def staff_invited(email: str, *, role: str = "operator", by: Account | None = None, now=NOW) -> Invitation:
    return invitations.invite(kind=Kind.STAFF, invitee=Invitee(email=email), role=role, by=by, now=now)


def user_invited(
    email: str = "nora@example.org", *, practice: Practice, by: Account | None = None, now=None, **facts: Any
) -> Invitation:
    """An office user, invited by an administrator of the practice."""
    now = now or timezone.now()
    named = {"kind": Kind.OFFICE_USER, "role": "user", "owner": by, **facts}
    invitee = named.pop("invitee", Invitee(email=email, **NAME))
    return invitations.invite(portal_key=PORTAL, practice=practice, invitee=invitee, by=by, now=now, **named)


def practice_user(practice: Practice, login_name: str, *, role: str = "user", **facts: Any) -> Account:
    """An account of Provider OnLine with a phone, that works for the practice."""
    facts = {"realm": PORTAL, "phone": "+14145550111", "first_name": "Olga", "last_name": "Adams", **facts}
    account = AccountFactory(login_name=login_name, **facts)
    grant = grants.give(account=account, portal_key=PORTAL, origin=Origin.STAFF, reason="test", by=None, now=NOW)
    memberships.open(grant=grant, practice=practice, role=role, origin=Origin.STAFF, by=None, now=NOW)
    return account


def practice_administrator(practice: Practice, login_name: str, **facts: Any) -> Account:
    """One who runs its users, and has agreed to the duties."""
    account = practice_user(practice, login_name, role=ADMINISTRATOR, **facts)
    duties, name = agreements.for_role(account, ADMINISTRATOR), account.get_full_name()
    agreements.sign(account=account, typed_name=name, language="en", agreement=duties, now=NOW)
    return account


def path_of(invitation: Invitation, page: str = "") -> str:
    return f"/enroll/invitation/{invitation_links.token_of(invitation)}/{page}"


def fill(client: Client, invitation: Invitation, login_name: str = "nora", password: str = PASSWORD):
    """The form "Create your username and password"."""
    typed = {"login_name": login_name, "password": password, "password_again": password}
    return client.post(path_of(invitation, "new/"), typed)


def code_of(inbox, address: str = "nora@example.org") -> str:
    return inbox.newest("mail", address).code


def register(client: Client, invitation: Invitation, inbox, login_name: str = "nora") -> Account:
    """The whole way of somebody new: name and password, mailbox, phone; the log-in page follows (S4-38)."""
    assert fill(client, invitation, login_name).url == path_of(invitation, "code/")
    answer = client.post(path_of(invitation, "code/"), {"code": code_of(inbox, invitation.email)})
    assert client.get(answer.url).url == "/id/verify-phone/update/"
    client.post("/id/verify-phone/update/", {"country": "US", "phone": PHONE, "method": "text"})
    client.post("/id/verify-phone/text/", {"code": inbox.newest("text").code})
    assert "You are registered" in client.get("/id/verify-phone/").content.decode()
    assert client.post("/id/verify-phone/").url == "/id/sign-in/"
    return Account.objects.get(realm=PORTAL, login_name=login_name)


def proved(account: Account, address: str) -> None:
    EmailAddress.objects.create(user=account, email=address, primary=False, verified=True)
