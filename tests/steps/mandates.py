"""Steps around mandates: a vendor with somebody in it, a practice with somebody who answers for it, and what they do."""

from datetime import datetime, timedelta
from uuid import UUID

from allauth.idp.oidc.models import Client

from portals.models import Application, OidcSession
from rbac.domain import mandates
from rbac.models import AccessGrant, Mandate, Membership
from tests.factories import NOW, GrantFactory, PracticeFactory, TinFactory
from tests.steps.grid import works_as

PORTAL = "optum-pro"
VENDOR = {"category": "vendor", "job_functions": ["billing"]}


def vendor_person(*, role: str = "billing_specialist", vendor=None, **more) -> Membership:
    """Somebody of a vendor whose tax ID was attested."""
    practice = vendor or PracticeFactory(name="Best Billing")
    tin = practice.tins.first() or TinFactory(practice=practice)
    grant = GrantFactory(portal_key=PORTAL, attributes=VENDOR)
    return works_as(role, practice=practice, grant=grant, tins=[tin], **more)


def signer(*, role: str = "practice_manager", practice=None, **more) -> Membership:
    """Somebody who answers for a practice."""
    found = practice or PracticeFactory(name="Lakeside Clinic")
    tin = found.tins.first() or TinFactory(practice=found)
    return works_as(role, practice=found, portal_key=PORTAL, tins=[tin], **more)


def asked(vendor: Membership, practice, *, roles=("billing_specialist",), now: datetime = NOW, **more) -> Mandate:
    return mandates.ask(
        vendor=vendor.practice, practice=practice, portal_key=PORTAL,
        roles=list(roles), by=vendor.grant.account, now=now, **more,
    )  # fmt: skip


def agreed(vendor: Membership, by: Membership, *, now: datetime = NOW, **more) -> Mandate:
    row = asked(vendor, by.practice, now=now, **more)
    return mandates.agree(mandate=row, by=by.grant.account, now=now)


def sign_on(grant: AccessGrant, *, now: datetime = NOW) -> OidcSession:
    """A sign-on of somebody to an application of the portal that needs no right of its own."""
    client, _new = Client.objects.get_or_create(id="mandates", defaults={"name": "Sample"})
    application, _new = Application.objects.get_or_create(
        client=client, defaults={"key": "mandates", "name_key": "sample", "portal_key": PORTAL}
    )
    return OidcSession.objects.create(
        application=application, account=grant.account, grant=grant, session=UUID(int=0), epoch=0,
        scopes=["openid", "portal_access"], redirect_uri="https://x.example/", code_challenge="x", code_ends_at=now,
        authenticated_at=now, amr=[], acr="x", begun_at=now, ends_at=now + timedelta(days=30),
    )  # fmt: skip
